import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { errorReport } from '@slipway/runtime';
import { writeValueLayers } from '../src/values/value-layers.ts';
import { secretsInObjects, secretsInValues } from '../src/values/secret-values.ts';

let folder: string;
let masked: string[];
const mask = (value: string): void => void masked.push(value);
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'values-'));
  masked = [];
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

test('layers are files, then the inline YAML, then set lines, none readable by others', async () => {
  const own = path.join(folder, 'a,b.yaml');
  await fs.writeFile(own, 'from: file\n');
  const out = path.join(folder, 'out');
  const files = await writeValueLayers(
    { files: [own], inline: 'from: inline', set: ['from=set'] },
    out,
    mask,
  );
  expect(files.map((file) => path.basename(file))).toEqual([
    '01-a_b.yaml',
    '02-values.yaml',
    '03-set.yaml',
  ]);
  expect(await Promise.all(files.map((file) => fs.readFile(file, 'utf8')))).toEqual([
    'from: file\n',
    'from: inline',
    'from: set\n',
  ]);
  const modes = await Promise.all(files.map(async (file) => (await fs.stat(file)).mode & 0o077));
  // Windows has no such bits.
  expect(process.platform === 'win32' ? [0, 0, 0] : modes).toEqual([0, 0, 0]);
});

test('what stands under a key named like a secret is masked before anything is written', async () => {
  await writeValueLayers(
    {
      files: [],
      inline:
        'db: { password: "correct horse", user: admin-user }\nauth: { token: { value: abc-def } }',
      set: ['smtp.apiKey=k-123456'],
    },
    path.join(folder, 'out'),
    mask,
  );
  expect(masked.sort()).toEqual(['abc-def', 'correct horse', 'k-123456']);
});

test('what rendered Secrets hold is found decoded', () => {
  const data = { password: Buffer.from('correct horse').toString('base64'), flag: 'dHJ1ZQ==' };
  const objects = [
    { kind: 'Secret', data, stringData: { other: 'staple battery' } },
    { kind: 'ConfigMap', data: { plain: 'nothing secret' } },
  ];
  expect(secretsInObjects(objects)).toEqual(['staple battery', 'correct horse']);
});

test.each<[string, unknown, readonly string[]]>([
  [
    'the value of a variable named like a secret',
    {
      env: [
        { name: 'DB_PASSWORD', value: 'correct horse' },
        { name: 'LEVEL', value: 'verbose-1' },
      ],
    },
    ['correct horse'],
  ],
  ['the password in an address', { url: 'postgres://api:s3cr3t-9@db:5432/api' }, ['s3cr3t-9']],
  ['nothing of an address without one', { url: 'https://api@example.com/x' }, []],
  ['what stands under token, as a mapping', { token: { value: 'abc-def' } }, ['abc-def']],
])('of values %s is secret', (_, values, secrets) => {
  expect(secretsInValues(values)).toEqual(secrets);
});

test('the environment of containers is looked through, and what it refers to is not', () => {
  const env = [
    { name: 'API_TOKEN', value: 'k-123456' },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db-secret', key: 'password-1' } } },
  ];
  const volumes = [
    { name: 'x', secret: { secretName: 'some-secret', items: [{ key: 'tls-key' }] } },
  ];
  const spec = { template: { spec: { containers: [{ name: 'main', env }], volumes } } };
  expect(secretsInObjects([{ kind: 'Deployment', spec } as object])).toEqual(['k-123456']);
});

test('every document of a file counts: Helm 4 merges them', async () => {
  const inline = '# defaults\n---\ntoken: abc-def\n---\ndb: { password: correct horse }\n';
  await writeValueLayers({ files: [], inline, set: [] }, path.join(folder, 'out'), mask);
  expect(masked.sort()).toEqual(['abc-def', 'correct horse']);
});

test('values that are no YAML are refused without a word of them', async () => {
  const inline = 'db:\n  password: "hunter2\n  token: x\n';
  const refused = writeValueLayers({ files: [], inline, set: [] }, path.join(folder, 'out'), mask);
  const error = await refused.catch((thrown: unknown) => thrown as Error);
  expect(errorReport(error)).toMatch(
    /^values is not valid YAML \(line \d+, column \d+\): [a-z ]+\.$/,
  );
});

test('a text that Go takes for a number is written so that it stays a text', async () => {
  const out = path.join(folder, 'out');
  const [file = ''] = await writeValueLayers(
    { files: [], inline: '', set: ['tag=0B1'] },
    out,
    mask,
  );
  expect(await fs.readFile(file, 'utf8')).toBe("tag: '0B1'\n");
});

test.each([
  ['- a\n- b', /values is not a YAML mapping/],
  ['a: b\n---\n- c', /values is not a YAML mapping/],
  ['a: [', /values is not valid YAML/],
])('inline values %j are refused', async (inline, message) => {
  const out = path.join(folder, 'out');
  await expect(writeValueLayers({ files: [], inline, set: [] }, out, mask)).rejects.toThrow(
    message,
  );
});

test('a values file that is not there is named', async () => {
  const files = [path.join(folder, 'absent.yaml')];
  await expect(
    writeValueLayers({ files, inline: '', set: [] }, path.join(folder, 'out'), mask),
  ).rejects.toMatchObject({ message: expect.stringContaining('absent.yaml cannot be read') });
});
