import * as fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.ts';
import { kubectl } from './readers.ts';
import type { Sight } from './sight.ts';
import { startWorld } from './world.ts';

/** Where what kubectl did is kept. */
export const capturedFile = path.join(import.meta.dirname, 'captured-kubectl.json');

/** What a real kubectl does with every case; `program` is its path. Takes about a minute. */
export async function captureKubectl(program: string): Promise<Readonly<Record<string, Sight>>> {
  const world = await startWorld();
  const read = kubectl(program);
  const sights: Record<string, Sight> = {};
  try {
    for (const given of cases)
      sights[given.name] = await read(world, given, await world.place(given));
  } finally {
    await world.close();
  }
  return sights;
}

/** `node packages/kube/test/kubeconfig/capture.ts PATH-OF-KUBECTL` writes the file anew. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sights = await captureKubectl(process.argv[2] ?? 'kubectl');
  await fs.writeFile(capturedFile, `${JSON.stringify(sights, null, 2)}\n`);
}
