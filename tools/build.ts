import { statSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './bundle/bundle.ts';
import { readManifest, root } from './manifest.ts';

const only = process.argv.slice(2);
const actions = readManifest().filter(({ name }) => only.length === 0 || only.includes(name));
if (actions.length === 0) {
  console.error(
    `No such action. Valid names: ${readManifest()
      .map(({ name }) => name)
      .join(', ')}`,
  );
  process.exit(2);
}
for (const [index, { name, maxBytes }] of actions.entries()) {
  const started = performance.now();
  const outDir = path.join(root, 'dist', name);
  await bundle(name, outDir);
  const { size } = statSync(path.join(outDir, 'index.js'));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const share = Math.round((size / maxBytes) * 100);
  console.log(
    `[${index + 1}/${actions.length}] dist/${name}/index.js  ${(size / 1e6).toFixed(2)} MB (${share} % of its budget)  ${seconds} s`,
  );
}
