import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { commandProblems, type Commands } from './commands.ts';
import { exampleProblems } from './examples.ts';
import { linkProblems, orphanedPages } from './links.ts';
import { namedFileProblems, namedTestProblems } from './named-files.ts';
import { readPages } from './page.ts';

function readCommands(root: string): Commands {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const benchmarks = readdirSync(path.join(root, 'bench'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
  return {
    scripts: new Set(Object.keys(scripts)),
    firstArguments: new Map([
      ['bench', new Set(['NAME', ...benchmarks])],
      ['lab', new Set(['up', 'down', 'status'])],
    ]),
  };
}

/**
 * What the pages of the checkout at `root` say that is not so, one line each: links and headings, files,
 * tests and commands that they name, and examples that would not run.
 */
export async function pageProblems(root: string): Promise<readonly string[]> {
  const pages = readPages(root);
  const commands = readCommands(root);
  return [
    ...[...pages.values()].flatMap((page) => [
      ...linkProblems(root, pages, page),
      ...namedFileProblems(root, page),
      ...namedTestProblems(root, page),
      ...commandProblems(root, commands, page),
    ]),
    ...orphanedPages(pages, 'docs'),
    ...(await exampleProblems(root, pages.values())),
  ];
}
