import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A main that prints the version stamped into it. */
export const stampedMain =
  'package main\n\nvar version = "dev"\n\nfunc main() { println(version) }\n';

/** Writes files below `folder`, with a go.mod unless one is given. */
export function writeModule(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries({ 'go.mod': 'module example.com/m\n', ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

/** Commits all of `folder` with a fixed time, author and message: the commit id is always the same. */
export function commitModule(folder: string): void {
  const date = '2026-01-02T03:04:05Z';
  const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all'],
    ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'commit', '--quiet', '-m', 'first'],
  ])
    execFileSync('git', args, { cwd: folder, env });
}
