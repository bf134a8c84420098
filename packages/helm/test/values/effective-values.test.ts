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
    ['deep', 'flat', 'staging.yaml'],
    ['empty', {}, 'chart'],
    ['db.password', '(secret)', 'values'],
  ]);
});

test.each<[string, unknown, unknown]>([
  [
    'variables in a list',
    {
      env: [
        { name: 'DB_PASSWORD', value: 'canary' },
        { name: 'LEVEL', value: 'info' },
      ],
    },
    [
      { name: 'DB_PASSWORD', value: '(secret)' },
      { name: 'LEVEL', value: 'info' },
    ],
  ],
  ['a list of them', { tokens: ['canary'] }, ['(secret)']],
  ['a setting in a text', { file: 'a: 1\npassword: canary 2\n' }, 'a: 1\npassword: (secret)\n'],
  [
    'JSON in a text',
    { file: '{"db":{"password":"canary"},"a":1}' },
    '{"db":{"password":(secret)},"a":1}',
  ],
  [
    'a block in a text',
    { file: 'token: |\n  canary\n  two=2\na: 1' },
    'token: |\n  (secret)\n  (secret)\na: 1',
  ],
  [
    'a mapping in a text',
    { file: 'passwords:\n  admin: canary\n  keyName: a\nuser: b' },
    'passwords:\n  admin: (secret)\n  keyName: a\nuser: b',
  ],
  ['a list in a text', { file: 'tokens:\n- canary\nuser: b' }, 'tokens:\n- (secret)\nuser: b'],
  [
    'JSON of several lines',
    { file: '{\n "tokens": [\n  "canary"\n ]\n}' },
    '{\n "tokens": [\n  (secret)\n ]\n}',
  ],
  [
    'a private key under any name',
    { tls: { key: '-----BEGIN EC PRIVATE KEY-----\ncanary\n-----END EC PRIVATE KEY-----\n' } },
    '(secret)\n',
  ],
  [
    'what follows a flag',
    { args: ['--db-password', 'canary', 'x'] },
    ['--db-password', '(secret)', 'x'],
  ],
  ['an address', { url: 'postgres://api:canary@db' }, 'postgres://***@db'],
])('a secret is hidden in %s', (_, values, shown) => {
  expect(effectiveValues([{ origin: 'values', values }], hash)).toMatchObject([{ value: shown }]);
});

test('a long text without a setting costs no more than its length', () => {
  const values = {
    file: `${'a'.repeat(400_000)}\n${'key '.repeat(50_000)}\n${'a-?'.repeat(50_000)}\na:${' '.repeat(200_000)}x`,
  };
  expect(effectiveValues([{ origin: 'values', values }], hash)).toHaveLength(1);
});

test('layers are named after the files and inputs that they come from', async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'layers-'));
  const files = [
    ...['01-staging.yaml', '02-values_in_settings.yaml', '03-values.yaml', '04-set.yaml'],
  ].map((name) => path.join(folder, name));
  for (const file of files) await fs.writeFile(file, 'a: 1\n');
  const read = await readValueLayers(files);
  await fs.rm(folder, { recursive: true });
  expect(read.map(({ origin }) => origin)).toEqual([
    ...['staging.yaml', 'values in settings', 'values', 'set'],
  ]);
});
