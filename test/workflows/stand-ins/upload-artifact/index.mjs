import { cpSync, existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? '';
const from = path.resolve(process.env.GITHUB_WORKSPACE, input('path'));
const to = path.join(process.env.SLIPWAY_ARTIFACTS, path.basename(input('name')));
// As the real one: a hidden name on the way hides all below it.
const hidden = path
  .relative(process.env.GITHUB_WORKSPACE, from)
  .split(path.sep)
  .some((part) => part.startsWith('.'));
const found = existsSync(from) && (!hidden || input('include-hidden-files') === 'true');
if (!found) {
  console.log(`No files were found with the provided path: ${input('path')}.`);
  process.exit(input('if-no-files-found') === 'error' ? 1 : 0);
}
rmSync(to, { recursive: true, force: true });
cpSync(from, statSync(from).isDirectory() ? to : path.join(to, path.basename(from)), {
  recursive: true,
});
console.log(`Artifact ${input('name')} was kept.`);
