import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { InputError } from '@slipway/runtime';
import { fakeClock, fakeLog } from '@slipway/testing';
import { runExecPlugin } from '../src/config/exec-credential.ts';
import type { ExecPlugin } from '../src/index.ts';
import { json, startApiServer } from './api-server.ts';

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'plugin-'));
});
afterEach(async () => {
  await fs.rm(folder, { recursive: true });
});

const exec = systemExec({ log: fakeLog(), env: process.env });

/** A plugin that is a real program: a script for this Node. */
async function plugin(script: string, changes: Partial<ExecPlugin> = {}): Promise<ExecPlugin> {
  const file = path.join(folder, 'plugin.mjs');
  await fs.writeFile(file, script);
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [file],
    env: {},
    installHint: undefined,
    cluster: undefined,
    ...changes,
  };
}

const print = (status: string): string =>
  `console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: JSON.parse(process.env.KUBERNETES_EXEC_INFO).apiVersion, status: ${status} }))`;

describe('a credential plugin', () => {
  test('gets the protocol’s environment and gives its token and the time it runs out', async () => {
    const script = print(
      `{ token: [process.env.PROFILE, JSON.parse(process.env.KUBERNETES_EXEC_INFO).spec.cluster.server].join(' '), expirationTimestamp: '2026-01-01T00:00:00Z' }`,
    );
    const given = await plugin(script, {
      env: { PROFILE: 'ci' },
      cluster: { server: 'https://x' },
    });
    expect(await runExecPlugin(exec, given)).toEqual({
      token: 'ci https://x',
      cert: undefined,
      key: undefined,
      expiresAtMs: Date.UTC(2026, 0, 1),
    });
  });

  test.each<[string, string, RegExp]>([
    ['fails', `console.error('log in first'); process.exit(3)`, /exit code 3: log in first/],
    ['prints no JSON', `console.log('hello')`, /not JSON/],
    [
      'prints another version',
      `console.log('{"kind":"ExecCredential","apiVersion":"v0"}')`,
      /of v0, not/,
    ],
    ['prints nothing of use', print('{}'), /neither a token nor a certificate/],
  ])('that %s is named in the error', async (_, script, message) => {
    const error = await runExecPlugin(exec, await plugin(script)).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
  });

  test('that is not installed brings its install hint', async () => {
    const given = await plugin('', {
      command: 'gke-gcloud-auth-plugin-missing',
      installHint: 'Install it so.',
    });
    await expect(runExecPlugin(exec, given)).rejects.toMatchObject({ next: 'Install it so.' });
  });
});

describe('a client with a credential plugin', () => {
  test('runs it once, masks its token, and again only when the token runs out', async () => {
    const server = await startApiServer((_, response) => json(response, {}));
    const clock = fakeClock(Date.UTC(2026, 0, 1));
    const count = path.join(folder, 'count');
    const script = `import fs from 'node:fs';
fs.appendFileSync(${JSON.stringify(count)}, '.');
const n = fs.readFileSync(${JSON.stringify(count)}, 'utf8').length;
${print("{ token: 'token-' + n, expirationTimestamp: n === 1 ? '2026-01-01T00:05:00Z' : '2026-01-01T01:00:00Z' }")}`;
    const masked: string[] = [];
    const client = server.clientFor(
      { auth: { kind: 'exec', plugin: await plugin(script) } },
      { exec, clock, maskSecret: (value) => masked.push(value) },
    );
    await Promise.all([client.get('/a'), client.get('/b')]);
    clock.advance(6 * 60_000);
    await client.get('/c');
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2',
    ]);
    expect(new Set(masked)).toEqual(new Set(['token-1', 'token-2']));
    await server.close();
  });

  test('asks for another token once when the server does not accept one', async () => {
    const server = await startApiServer((_, response) => response.writeHead(401).end());
    const count = path.join(folder, 'count');
    const script = `import fs from 'node:fs'; fs.appendFileSync(${JSON.stringify(count)}, '.'); ${print("{ token: 't' }")}`;
    const client = server.clientFor(
      { auth: { kind: 'exec', plugin: await plugin(script) } },
      { exec },
    );
    await expect(client.get('/a')).rejects.toMatchObject({ status: 401, reason: 'Unauthorized' });
    expect(await fs.readFile(count, 'utf8')).toBe('..');
    await server.close();
  });
});
