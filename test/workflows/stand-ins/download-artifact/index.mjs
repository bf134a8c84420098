import { cpSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? '';
const kept = process.env.SLIPWAY_ARTIFACTS;
const to = path.resolve(process.env.GITHUB_WORKSPACE, input('path'));

function named() {
  if (input('name') !== '') return [path.basename(input('name'))];
  if (input('merge-multiple') !== 'true') throw new Error('merge-multiple is not true');
  // As minimatch has it: a dot is a character like any other but at the start, and * is not greedy of "/".
  const parts = input('pattern')
    .split('*')
    .map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('[^/]*')}$`);
  return existsSync(kept) ? readdirSync(kept).filter((name) => pattern.test(name)) : [];
}

for (const name of named()) {
  cpSync(path.join(kept, name), to, { recursive: true });
  console.log(`Artifact ${name} was taken.`);
}
