import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { readFleet } from '@slipway/fleet';
import { errorMessage } from '@slipway/runtime';
import { complaints, ensureActionlint } from '../../check/workflows.ts';
import { readActionMetadata } from '../action-metadata.ts';
import type { Page } from './page.ts';
import { readSnippet } from './snippet.ts';

/** A workflow of a page, with where it stands. */
interface Example {
  where: string;
  workflow: string;
}

/** Every input of every action here, so that a page may show some lines of a `with:`. */
function inputNames(root: string): ReadonlySet<string> {
  const files = readdirSync(path.join(root, 'actions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => path.join(root, 'actions', name, 'action.yml'))
    .filter((file) => existsSync(file));
  return new Set(files.flatMap((file) => readActionMetadata(file).inputs.map(({ name }) => name)));
}

/** What is wrong with a block that is neither workflow nor manifest: lines of `with:`, or a slipway.yml. */
function otherProblem(text: string, keys: readonly string[], inputs: ReadonlySet<string>): string {
  if (keys.length > 0 && keys.every((key) => inputs.has(key))) return '';
  try {
    readFleet(text, 'as a slipway.yml');
    return '';
  } catch (error) {
    return `no workflow, no manifest, not all inputs, and ${errorMessage(error)}`;
  }
}

function readExamples(
  page: Page,
  inputs: ReadonlySet<string>,
): { examples: readonly Example[]; problems: readonly string[] } {
  const examples: Example[] = [];
  const problems: string[] = [];
  for (const { language, text, line } of page.blocks) {
    if (language !== 'yaml' && language !== 'yml') continue;
    const where = `${page.file}:${line}`;
    try {
      const snippet = readSnippet(text);
      if (snippet.kind === 'workflow') examples.push({ where, workflow: snippet.text });
      const wrong = snippet.kind === 'other' ? otherProblem(text, snippet.keys, inputs) : '';
      if (wrong !== '') problems.push(`${where}: ${wrong}`);
    } catch (error) {
      problems.push(`${where}: ${errorMessage(error)}`);
    }
  }
  return { examples, problems };
}

/**
 * What actionlint says of workflows that use this checkout as `./`: unknown and missing inputs, outputs
 * that are not there, expressions, triggers. Needs Go on first use.
 */
async function lint(root: string, examples: readonly Example[]): Promise<readonly string[]> {
  // Inside the checkout, or actionlint would not find the actions that are named.
  mkdirSync(path.join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(path.join(root, '.cache', 'examples-'));
  try {
    const files = examples.map(({ workflow }, index) => {
      const file = path.join(folder, `${index}.yml`);
      writeFileSync(file, workflow);
      return file;
    });
    const said = await complaints(
      await ensureActionlint(),
      ['-no-color', '-oneline', ...files],
      [1],
    );
    return said
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => {
        const [, index = '', message = text] = /(\d+)\.yml:\d+:\d+: (.*)$/.exec(text) ?? [];
        return `${examples[Number(index)]?.where ?? 'an example'}: ${message}`;
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What is wrong with the YAML of the pages, and of the workflows in `docs/` that are copied as files:
 * workflows and parts of them go through actionlint, settings through the code that reads them.
 */
export async function exampleProblems(
  root: string,
  pages: Iterable<Page>,
): Promise<readonly string[]> {
  const inputs = inputNames(root);
  const read = [...pages].map((page) => readExamples(page, inputs));
  const folder = 'docs/service-repository';
  const copied = readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name): Example[] => {
      const snippet = readSnippet(readFileSync(path.join(root, folder, name), 'utf8'));
      return snippet.kind === 'workflow'
        ? [{ where: `${folder}/${name}`, workflow: snippet.text }]
        : [];
    });
  const examples = [...read.flatMap((one) => one.examples), ...copied];
  return [...read.flatMap(({ problems }) => problems), ...(await lint(root, examples))];
}
