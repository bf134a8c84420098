import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { peakOf, source, sparseFile, uploadMeasured } from './large-layer.ts';

const bytes = 400 * 1024 * 1024;
/** Node itself takes 60 MiB, the sources some more; the layer would take 400. */
const mostMebibytes = 300;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-memory-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a layer of 400 MB is sent in one request without being held', async () => {
  const { bodies, peak } = await uploadMeasured(sparseFile(folder, bytes));
  expect(bodies).toEqual([bytes]);
  expect(peak).toBeLessThan(mostMebibytes);
}, 600_000);

test('the layer of a program of 400 MB is made without being held', async () => {
  const peak = await peakOf(`
    import { buildImage } from ${source('artifact/src/index.ts')};
    await buildImage(
      {
        program: {
          name: 'api',
          content: { file: ${JSON.stringify(sparseFile(folder, bytes))}, bytes: ${bytes} },
        },
        platform: { os: 'linux', architecture: 'amd64' },
        labels: {},
        epochSeconds: 0,
      },
      ${JSON.stringify(path.join(folder, 'layer'))},
    );`);
  expect(peak).toBeLessThan(mostMebibytes);
}, 600_000);
