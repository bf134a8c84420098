import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { sparseFile, uploadMeasured } from '../../packages/artifact/test/large-layer.ts';

test('a layer of more than 2 GiB, which no buffer holds, is sent in one request', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-large-layer-'));
  try {
    const bytes = 2200 * 1024 * 1024;
    const { bodies, peak } = await uploadMeasured(sparseFile(folder, bytes));
    expect(bodies).toEqual([bytes]);
    expect(peak).toBeLessThan(300);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 900_000);
