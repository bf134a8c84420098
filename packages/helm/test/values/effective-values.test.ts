import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { effectiveValues, readValueLayers, type ValueLayer } from '../../src/values/index.ts';

const hash = (): string => '(secret)';

const layers: readonly ValueLayer[] = [
  {
    origin: 'chart',
    values: { image: { name: 'api', tag: '' }, list: [1], deep: { a: 1, b: 2 }, empty: {}, off: 1 },
  },
  { origin: 'staging.yaml', values: { image: { tag: 'v1' }, deep: 'flat', off: null } },
  { origin: 'values', values: { list: [2, 3], db: { password: 'correct horse' }, image: {} } },
  { origin: 'set', values: { image: { tag: 'v2' } } },
];

test('each value is told with what gave it and what it is over', () => {
  const told = effectiveValues(layers, hash).map(({ path: place, value, origin, over }) => [
    place,
    value,
    [...over, origin].join(' < '),
  ]);
  expect(told).toEqual([
    ['image.name', 'api', 'chart'],
    ['image.tag', 'v2', 'chart < staging.yaml < set'],
    ['list', [2, 3], 'chart < values'],
    ['empty', {}, 'chart'],
    ['deep', 'flat', 'staging.yaml'],
    ['db.password', '(secret)', 'values'],
  ]);
});

test('layers are named after the files and inputs that they come from', async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'layers-'));
  const files = ['01-staging.yaml', '02-values.yaml', '03-set.yaml'].map((name) =>
    path.join(folder, name),
  );
  for (const file of files) await fs.writeFile(file, 'a: 1\n');
  const read = await readValueLayers(files);
  await fs.rm(folder, { recursive: true });
  expect(read.map(({ origin }) => origin)).toEqual(['staging.yaml', 'values', 'set']);
});
