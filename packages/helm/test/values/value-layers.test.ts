import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorReport, systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { readYaml } from '@slipway/yaml';
import { writeValueLayers, type ValueSources } from '../../src/values/value-layers.ts';
import { secretsInObjects, secretsInValues } from '../../src/values/secret-values.ts';

let folder: string;
let masked: string[];

const nothing: ValueSources = {
  files: [],
  inline: [],
  setJson: [],
  set: [],
  setString: [],
  setFile: [],
};

/** Writes the layers of these sources into `out`. */
async function write(sources: Partial<ValueSources>): Promise<readonly string[]> {
  const ports = {
    fetch,
    clock: systemClock,
    log: fakeLog(),
    maskSecret: (value: string) => void masked.push(value),
  };
  return await writeValueLayers(ports, { ...nothing, ...sources }, path.join(folder, 'out'));
}

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'values-'));
  masked = [];
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

test('layers are files, then the inline YAML, then set lines, none readable by others', async () => {
  const own = path.join(folder, 'a,b.yaml');
  await fs.writeFile(own, 'from: file\n');
  const files = await write({
    files: [own],
    inline: [{ name: 'values', yaml: 'from: inline' }],
    set: ['from=set'],
  });
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

test('of two documents of values each is a layer, and one that is wrong is named', async () => {
  const [first, second] = ['values in settings', 'values'];
  const inline = [
    { name: first, yaml: 'a: { x: 1, y: 1 }' },
    { name: second, yaml: 'a: { y: 2 }' },
  ];
  const names = (await write({ inline })).map((file) => path.basename(file));
  expect(names).toEqual(['01-values_in_settings.yaml', '02-values.yaml']);
  await expect(write({ inline: [{ name: first, yaml: '[1]' }] })).rejects.toThrow(
    'values in settings is not a YAML mapping of values',
  );
});

test('what stands under a key named like a secret is masked before anything is written', async () => {
  const certificate = path.join(folder, 'key.pem');
  await fs.writeFile(certificate, 'the-key-of-the-file');
  await write({
    inline: [
      {
        name: 'values',
        yaml: 'db: { password: "correct horse", user: admin-user }\nauth: { token: { value: abc-def } }',
      },
    ],
    setJson: ['{"smtp":{"password":"j-123456"}}'],
    set: ['smtp.apiKey=k-123456'],
    setString: ['smtp.token=s-123456'],
    setFile: [{ key: 'smtp.privateKey', place: certificate }],
  });
  expect(masked.sort()).toEqual([
    ...['abc-def', 'correct horse', 'j-123456', 'k-123456', 's-123456', 'the-key-of-the-file'],
  ]);
});

test('what rendered Secrets hold is found decoded', () => {
  const data = { password: Buffer.from('correct horse').toString('base64'), flag: 'dHJ1ZQ==' };
  const objects = [
    { kind: 'Secret', data, stringData: { other: 'staple battery' } },
    { kind: 'ConfigMap', data: { plain: 'nothing secret' } },
  ];
  expect(secretsInObjects(objects)).toEqual(['staple battery', 'correct horse']);
});

const key = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----';

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
  ['what follows a flag', { args: ['--api-token', 'k-123456', 'plain-1'] }, ['k-123456']],
  ['a private key', { tls: { key: `cert\n${key}\n` } }, [key]],
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
  await write({ inline: [{ name: 'values', yaml: inline }] });
  expect(masked.sort()).toEqual(['abc-def', 'correct horse']);
});

test('values that are no YAML are refused without a word of them', async () => {
  const inline = 'db:\n  password: "hunter2\n  token: x\n';
  const error = await write({ inline: [{ name: 'values', yaml: inline }] }).catch(
    (thrown: unknown) => thrown as Error,
  );
  expect(errorReport(error)).toMatch(
    /^values is not valid YAML \(line \d+, column \d+\): [a-z ]+\.$/,
  );
});

test('a text that Go takes for a number is written so that it stays a text', async () => {
  const [file = ''] = await write({ set: ['tag=0B1'] });
  expect(await fs.readFile(file, 'utf8')).toBe("tag: '0B1'\n");
});

test.each([
  ['- a\n- b', /values is not a YAML mapping/],
  ['a: b\n---\n- c', /values is not a YAML mapping/],
  ['a: [', /values is not valid YAML/],
])('inline values %j are refused', async (inline, message) => {
  await expect(write({ inline: [{ name: 'values', yaml: inline }] })).rejects.toThrow(message);
});

test('a values file that is not there is named', async () => {
  const files = [path.join(folder, 'absent.yaml')];
  await expect(write({ files })).rejects.toMatchObject({
    message: expect.stringContaining('absent.yaml cannot be read'),
  });
});

async function settings(sources: Partial<ValueSources>): Promise<unknown> {
  const files = await write(sources);
  const name = files.at(-1) ?? '';
  return readYaml(await fs.readFile(name, 'utf8'), { name, rules: 'helm' });
}

test('single values are taken in the order of Helm: JSON, typed, text, files', async () => {
  const file = path.join(folder, 'a.txt');
  await fs.writeFile(file, 'from=a file\n');
  const values = await settings({
    setFile: [{ key: 'd', place: file }],
    setString: ['c=1', 'd=1', 'on=true'],
    set: ['b=1', 'c=2', 'd=2'],
    setJson: ['{"a":1,"deep":{"x":[1]}}', 'b={"no":1}', 'c="3"', 'deep.y=null'],
  });
  expect(values).toEqual({
    a: 1,
    b: 1,
    c: '1',
    d: 'from=a file\n',
    on: 'true',
    deep: { x: [1], y: null },
  });
});

test('a setting of one entry leaves the other entries of a list in the files below', async () => {
  const below = path.join(folder, 'below.yaml');
  await fs.writeFile(
    below,
    'hosts: [{ name: a, port: 80 }, { name: b }]\ndeep: { list: [1, 2] }\n',
  );
  const values = await settings({
    files: [below],
    inline: [{ name: 'values', yaml: 'deep: { list: [3, 4] }' }],
    set: ['hosts[0].name=c', 'deep.list[3]=6'],
  });
  expect(values).toEqual({
    hosts: [{ name: 'c', port: 80 }, { name: 'b' }],
    deep: { list: [3, 4, null, 6] },
  });
});

describe('values from a web server', () => {
  let server: Server;
  let origin: string;
  const asked: (string | undefined)[] = [];
  beforeEach(async () => {
    server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      if (request.url === '/huge') {
        // 17 MiB in a few kB, whose length says nothing of it.
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync(Buffer.alloc(17 * 1024 * 1024, '#')));
        return;
      }
      if (request.url?.startsWith('/values.yaml') !== true) response.statusCode = 404;
      response.end('token: t-from-afar\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
    asked.length = 0;
  });

  test('are a layer like a file, and what is secret in them is masked', async () => {
    const [file = ''] = await write({ files: [`${origin}/values.yaml?token=in-the-query`] });
    expect(path.basename(file)).toBe('01-values.yaml');
    expect(masked).toEqual(['t-from-afar']);
  });

  test('take a login in the address, which nobody sees', async () => {
    const files = [`${origin.replace('//', '//me:hunter2@')}/values.yaml`];
    await write({ files });
    expect(masked).toContain('hunter2');
    expect(asked).toEqual([`Basic ${Buffer.from('me:hunter2').toString('base64')}`]);
  });

  test('take a token in the address that stands where the user would', async () => {
    await write({ files: [`${origin.replace('//', '//ghp-token@')}/values.yaml`] });
    expect(masked).toContain('ghp-token');
  });

  test('that unpack to more than values can be are refused', async () => {
    await expect(write({ files: [`${origin}/huge`] })).rejects.toThrow('larger than any values');
  });

  test('that are not there are named without their query', async () => {
    const error = await write({ files: [`${origin}/absent?token=in-the-query`] }).catch(
      (thrown: unknown) => thrown as Error,
    );
    expect(errorReport(error)).toContain(`${origin}/absent answered 404`);
    expect(errorReport(error)).not.toContain('in-the-query');
  });
});
