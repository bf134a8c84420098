import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { load } from 'js-yaml';
import { readRunnerEnvironment, type InputSource, type RunnerEnvironment } from '@slipway/runtime';
import { readActionMetadata, type ActionMetadata } from '../../tools/docs/action-metadata.ts';
import { readManifest, root } from '../../tools/manifest.ts';

/** The actions of tools/manifest.json; each of them keeps the contract. */
export const actionNames: readonly string[] = readManifest().map(({ name }) => name);

/** `actions/<name>/…` in the checkout. */
export function actionFile(name: string, ...parts: readonly string[]): string {
  return path.join(root, 'actions', name, ...parts);
}

/** The text of a file of an action. Throws when it is missing. */
export function actionText(name: string, ...parts: readonly string[]): string {
  return readFileSync(actionFile(name, ...parts), 'utf8');
}

/** What action.yml declares. */
export function metadata(name: string): ActionMetadata {
  return readActionMetadata(actionFile(name, 'action.yml'));
}

/** One input or output in action-types.yml. */
export interface Typing {
  type: 'string' | 'boolean' | 'integer' | 'float' | 'list' | 'enum';
  separator?: string;
  'allowed-values'?: readonly string[];
  'list-item'?: Typing;
}

/** What action-types.yml declares. */
export function typings(name: string): {
  inputs: Readonly<Record<string, Typing>>;
  outputs: Readonly<Record<string, Typing>>;
} {
  const yaml = load(actionText(name, 'action-types.yml')) as Partial<ReturnType<typeof typings>>;
  return { inputs: yaml.inputs ?? {}, outputs: yaml.outputs ?? {} };
}

type ParseInputs = (source: InputSource, runner: RunnerEnvironment) => unknown;

/** The names that the action's parseInputs asks for, and what it makes of `values`. */
export async function parseWith(
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<{ asked: ReadonlySet<string>; inputs: unknown; error: unknown }> {
  const url = pathToFileURL(actionFile(name, 'src', 'inputs.ts')).href;
  const { parseInputs } = (await import(url)) as { parseInputs: ParseInputs };
  const asked = new Set<string>();
  const source: InputSource = {
    get: (input) => {
      asked.add(input);
      return values[input] ?? '';
    },
  };
  const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: root, RUNNER_TEMP: os.tmpdir() });
  try {
    return { asked, inputs: parseInputs(source, runner), error: undefined };
  } catch (error) {
    return { asked, inputs: undefined, error };
  }
}

/** All TypeScript of the action itself, without its tests. */
export function sources(name: string): string {
  const folder = actionFile(name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n');
}

/** Whether the checkout has this file or folder. */
export function inCheckout(...parts: readonly string[]): boolean {
  return existsSync(path.join(root, ...parts));
}
