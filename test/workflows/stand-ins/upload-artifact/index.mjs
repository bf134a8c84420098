import { cpSync, existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? '';
const workspace = process.env.GITHUB_WORKSPACE;
const paths = input('path')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '')
  .map((line) => path.resolve(workspace, line));
const to = path.join(process.env.SLIPWAY_ARTIFACTS, path.basename(input('name')));
// As the real one: a hidden name on the way hides all below it.
const hidden = (from) =>
  path
    .relative(workspace, from)
    .split(path.sep)
    .some((part) => part.startsWith('.') && part !== '..');
const found = paths.filter(
  (from) => existsSync(from) && (!hidden(from) || input('include-hidden-files') === 'true'),
);
if (found.length === 0) {
  console.log(`No files were found with the provided path: ${input('path')}.`);
  process.exit(input('if-no-files-found') === 'error' ? 1 : 0);
}
rmSync(to, { recursive: true, force: true });
for (const from of found)
  cpSync(from, statSync(from).isDirectory() ? to : path.join(to, path.basename(from)), {
    recursive: true,
  });
console.log(`Artifact ${input('name')} was kept.`);
