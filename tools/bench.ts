import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './manifest.ts';

const benchDir = path.join(root, 'bench');
const names = readdirSync(benchDir)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const [name, ...args] = process.argv.slice(2);
const file = path.join(benchDir, `${name ?? ''}.ts`);
if (name === undefined || !names.includes(name) || !existsSync(file)) {
  console.error(`usage: npm run bench -- NAME [arguments]\nBenchmarks: ${names.join(', ')}`);
  process.exit(2);
}
const benchmark = (await import(pathToFileURL(file).href)) as {
  run: (args: readonly string[]) => Promise<void>;
};
await benchmark.run(args);
