import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fakeClock } from '@slipway/testing';
import { createRegistryClient, parseImageName, sha256, type RegistryClient } from '../src/index.ts';
import { behindProxy, registries } from './registry-rules.ts';
import { startRegistry, type Interference, type TestRegistry } from './registry-server.ts';

const mebibyte = 1024 * 1024;
const started: TestRegistry[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((registry) => registry.close()));
});

const clientOf = (host: string): RegistryClient =>
  createRegistryClient({
    name: parseImageName(`${host}/acme/api`),
    credentials: undefined,
    fetch,
    clock: fakeClock(),
    signal: new AbortController().signal,
    maskSecret: () => undefined,
  });

async function start(
  rules?: Interference,
  begun?: Readonly<Record<string, string>>,
): Promise<TestRegistry> {
  const registry = await startRegistry(rules, begun);
  started.push(registry);
  return registry;
}

const bytes = randomBytes(34 * mebibyte);
const digest = `sha256:${sha256(bytes)}`;
const large = { digest, content: new Blob([bytes]) };

/** The bodies that were sent, in MiB. */
const sent = ({ seen }: TestRegistry): number[] =>
  seen.filter(({ method }) => /^P(?:UT|ATCH)$/.test(method)).map((each) => each.bytes / mebibyte);

describe('a layer of 34 MiB', () => {
  test.each(registries)('arrives whole at $name', async ({ rules }) => {
    const registry = await start(rules);
    expect(await clientOf(registry.host).ensureBlob(large)).toBe('uploaded');
    expect(registry.blobs.get(digest)?.equals(bytes)).toBe(true);
  });

  test('goes in one request without a range, where nobody asks for chunks', async () => {
    const registry = await start();
    await clientOf(registry.host).ensureBlob(large);
    expect(registry.seen.map(({ method }) => method)).toEqual(['HEAD', 'POST', 'PUT']);
    expect(registry.seen.at(-1)).toMatchObject({ bytes: 34 * mebibyte, range: undefined });
  });

  test('goes in chunks where the registry asks for them, none shorter than it says and none empty', async () => {
    // As ECR answers: 201, and a range that stands still (aws/containers-roadmap#2831).
    const registry = await start(undefined, { 'oci-chunk-min-length': String(33 * mebibyte) });
    expect(await clientOf(registry.host).ensureBlob(large)).toBe('uploaded');
    expect(sent(registry)).toEqual([33, 1]);
    expect(registry.blobs.get(digest)?.equals(bytes)).toBe(true);
  });

  test('goes in smaller chunks after 413, and is begun anew for each size', async () => {
    const registry = await start(behindProxy(5 * mebibyte));
    await clientOf(registry.host).ensureBlob(large);
    expect(sent(registry)).toEqual([34, 32, ...Array.from({ length: 8 }, () => 4), 2]);
    expect(registry.seen.filter(({ method }) => method === 'POST')).toHaveLength(3);
  });

  test('that no request is small enough for is an error that says what to raise', async () => {
    const registry = await start(behindProxy(1000));
    await expect(clientOf(registry.host).ensureBlob(large)).rejects.toMatchObject({
      message: expect.stringMatching(/answered 413 .*: 413 Request Entity Too Large/),
      next: expect.stringContaining('client_max_body_size'),
    });
  });

  test('whose connection breaks is begun anew, since the registry may keep a part of it', async () => {
    let breaks = 2;
    const registry = await start((request) => {
      if (request.method !== 'PUT' || (breaks -= 1) < 0) return false;
      request.socket.destroy();
      return true;
    });
    expect(await clientOf(registry.host).ensureBlob(large)).toBe('uploaded');
    expect(registry.seen.map(({ method }) => method)).toEqual([
      'HEAD',
      ...['POST', 'PUT', 'POST', 'PUT', 'POST', 'PUT'],
    ]);
  });
});

describe('whether a push would be let in', () => {
  test('is asked without leaving anything', async () => {
    const registry = await start();
    await clientOf(registry.host).checkPush();
    expect(registry.seen.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
    expect(registry.uploads.size).toBe(0);
  });

  test.each([
    [
      403,
      '{"errors":[{"code":"DENIED","message":"installation not allowed to Write"}]}',
      'DENIED installation not allowed to Write',
    ],
    [401, '{"details":"incorrect username or password"}', 'incorrect username or password'],
    [403, 'quota\n\u001b[31mexceeded', 'quota [31mexceeded'],
    [403, '<html><title>Blocked by WAF</title></html>', 'Blocked by WAF'],
  ])('%i is told with the words %j', async (status, body, words) => {
    const registry = await start((_, response) => {
      response.writeHead(status).end(body);
      return true;
    });
    await expect(clientOf(registry.host).checkPush()).rejects.toMatchObject({
      message: `${registry.host} answered ${status} when beginning an upload of ${registry.host}/acme/api: ${words}`,
      next: expect.stringContaining('packages: write'),
    });
  });
});
