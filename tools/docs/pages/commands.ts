import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Page } from './page.ts';

/** Blocks without a language are commands when they are indented or fenced plainly. */
const shells = new Set(['', 'sh', 'bash', 'console']);

/** What may be run: the scripts of package.json, and the names that some of them take. */
export interface Commands {
  scripts: ReadonlySet<string>;
  /** Script to the first arguments that it knows, where these are a closed list. */
  firstArguments: ReadonlyMap<string, ReadonlySet<string>>;
}

function commandProblem(root: string, commands: Commands, command: string): string | undefined {
  const words = command.trim().split(/\s+/);
  if (words[0] === 'npm') {
    const script =
      words[1] === 'run' ? words[2] : words.slice(1, 2).find((word) => word === 'test');
    if (script === undefined) return undefined;
    if (!commands.scripts.has(script)) return `there is no npm run ${script}`;
    const known = commands.firstArguments.get(script);
    const first = words[words.indexOf('--') + 1];
    if (known === undefined || !words.includes('--') || first === undefined) return undefined;
    return known.has(first) ? undefined : `npm run ${script} does not know ${first}`;
  }
  const file =
    words[0] === 'node' ? words.slice(1).find((word) => !word.startsWith('-')) : undefined;
  if (file === undefined || existsSync(path.join(root, file))) return undefined;
  return `there is no ${file} to run`;
}

/** Commands on a page, in blocks and between backquotes, that call a script or a file that is not there. */
export function commandProblems(root: string, commands: Commands, page: Page): readonly string[] {
  const inBlocks = page.blocks
    .filter(({ language }) => shells.has(language))
    .flatMap(({ text, line }) => text.split('\n').map((command) => ({ text: command, line })));
  return [...inBlocks, ...page.codeSpans].flatMap(({ text, line }) => {
    const problem = commandProblem(root, commands, text.replace(/\s#.*$/, ''));
    return problem === undefined ? [] : [`${page.file}:${line}: ${problem}`];
  });
}
