import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../tools/manifest.ts';

/** Writes what was measured to `bench/results/<name>.json`. */
export function writeResult(name: string, result: object): void {
  const folder = path.join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}

/** Does `work` for each item, `width` at the same time. */
export async function atOnce<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
