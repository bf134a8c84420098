import { expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { steppedClock } from '@slipway/testing';
import { moduleLayer } from '../src/layer/index.ts';
import { saveLayer, type LayerSave, type SaveReport } from '../src/layer-save.ts';
import { memoryTransfer, type Entries } from './memory-transfer.ts';

test('a service that does not say whether it has a pack is given up, and sent nothing', async () => {
  const scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-silent-'));
  const clock = steppedClock();
  const entries: Entries = new Map();
  const file = 'cache/download/example.com/a/@v/v1.0.0.zip';
  await fs.mkdir(path.dirname(path.join(scratch, file)), { recursive: true });
  await fs.writeFile(path.join(scratch, file), Buffer.alloc(5_000));
  const transfer = {
    ...memoryTransfer(entries, scratch),
    exists: () => new Promise<never>(() => undefined),
  };
  const save: LayerSave = {
    ...{ layer: moduleLayer(scratch), kind: 'modules', jobs: [], tools: {}, kept: [] },
    ...{ manifestPrefix: 'slipway-modules-', worthMs: 1, tellsContents: true },
    ...{ damaged: new Set(), used: { all: 1, restored: 0 } },
    files: [{ path: file, bytes: 5_000, timeMs: 0 }],
  };
  let report: SaveReport | undefined;
  void saveLayer({ clock, transfer }, save).then((done) => {
    report = done;
  });
  for (let step = 0; step < 100 && report === undefined; step += 1) await clock.advance(250);
  expect(report).toMatchObject({
    ...{ outcome: 'failed', why: 'asking for an entry: nothing was heard for 8 s' },
  });
  expect(entries.size).toBe(0);
  await fs.rm(scratch, { recursive: true });
});
