import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  errorMessage,
  readRunnerEnvironment,
  type InputSource,
  type InputTyping,
  type RunnerEnvironment,
} from '@slipway/runtime';
import type { ActionMetadata } from './action-metadata.ts';

type ParseInputs = (source: InputSource, runner: RunnerEnvironment) => unknown;

/** What the action in `folder` finds wrong with the inputs of `source`; empty when nothing is. */
export async function probeInputs(folder: string, source: InputSource): Promise<string> {
  const url = pathToFileURL(path.join(folder, 'src', 'inputs.ts')).href;
  const { parseInputs } = (await import(url)) as { parseInputs: ParseInputs };
  try {
    parseInputs(source, readRunnerEnvironment({ GITHUB_WORKSPACE: os.tmpdir() }));
    return '';
  } catch (error) {
    return errorMessage(error);
  }
}

/** What each input of the action in `folder` may be, by the name in action.yml: what its parseInputs asks for. */
export async function inputTypings(folder: string): Promise<ReadonlyMap<string, InputTyping>> {
  const typings = new Map<string, InputTyping>();
  // Required inputs are missing here; all of them are asked for all the same.
  await probeInputs(folder, {
    get: () => '',
    describe: (name, typing) => typings.set(name, typing),
  });
  return typings;
}

/** `true` in quotes, since it is a text here and no boolean. */
function scalar(text: string): string {
  return /^[a-z][a-z0-9-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`;
}

function typingLines(typing: InputTyping): string[] {
  const lines = [`type: ${typing.type}`];
  if (typing.type === 'enum')
    lines.push('allowed-values:', ...typing.allowedValues.map((value) => `  - ${scalar(value)}`));
  if (typing.type === 'list')
    lines.push(
      'separator: "\\n"',
      'list-item:',
      ...typingLines(typing.item).map((line) => `  ${line}`),
    );
  return lines;
}

/**
 * The action-types.yml of an action: its inputs as the code reads them, in the order of action.yml. What
 * stands there on outputs is kept. Throws when action.yml has an input that the code does not read.
 */
export async function renderActionTypes(folder: string, metadata: ActionMetadata): Promise<string> {
  const typings = await inputTypings(folder);
  const lines = metadata.inputs.flatMap(({ name }) => {
    const typing = typings.get(name);
    if (typing === undefined) throw new Error(`src/inputs.ts does not read the input ${name}`);
    return [`  ${name}:`, ...typingLines(typing).map((line) => `    ${line}`)];
  });
  const file = path.join(folder, 'action-types.yml');
  const outputs = existsSync(file)
    ? (/^outputs:\n(?:.*\n)*/m.exec(readFileSync(file, 'utf8'))?.[0] ?? '')
    : '';
  return `# See https://github.com/typesafegithub/github-actions-typing\ninputs:\n${lines.join('\n')}\n${outputs}`;
}
