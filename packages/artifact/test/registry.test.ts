import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fakeClock, fakeLog } from '@slipway/testing';
import {
  buildImage,
  createRegistryClient,
  parseImageName,
  pushImages,
  sha256,
  type RegistryCredentials,
} from '../src/index.ts';
import { startRegistry, type Interference, type TestRegistry } from './registry-server.ts';

const started: TestRegistry[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-registry-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await Promise.all(started.splice(0).map((registry) => registry.close()));
});

async function start(interfere?: Interference): Promise<TestRegistry> {
  const registry = await startRegistry(interfere);
  started.push(registry);
  return registry;
}

function client(registry: TestRegistry, credentials?: RegistryCredentials, masked: string[] = []) {
  return createRegistryClient({
    name: parseImageName(`${registry.host}/acme/api`),
    credentials,
    fetch,
    clock: fakeClock(),
    signal: new AbortController().signal,
    maskSecret: (value) => masked.push(value),
  });
}

const bytes = Buffer.from('a layer');
const digest = `sha256:${sha256(bytes)}`;
const layer = { digest, content: new Blob([bytes]) };
const basic = { kind: 'basic', username: 'ann', password: 's3cret-word' } as const;
const basicHeader = `Basic ${Buffer.from('ann:s3cret-word').toString('base64')}`;

async function push(registry: TestRegistry, tags: readonly string[] = ['v1']) {
  const images = await Promise.all(
    ['amd64', 'arm64'].map((architecture) =>
      buildImage(
        {
          program: { name: 'api', content: Buffer.from(architecture) },
          platform: { os: 'linux', architecture },
          labels: { title: 'api' },
          epochSeconds: 1_700_000_000,
        },
        path.join(folder, architecture),
      ),
    ),
  );
  return pushImages(
    { client: client(registry), log: fakeLog() },
    { name: parseImageName(`${registry.host}/acme/api`), images, tags, annotations: {} },
  );
}

describe('a blob', () => {
  test('is uploaded once, and known the second time', async () => {
    const registry = await start();
    expect(await client(registry).ensureBlob(layer)).toBe('uploaded');
    expect(await client(registry).ensureBlob(layer)).toBe('present');
    expect(registry.blobs.get(digest)).toEqual(bytes);
    // The state in the upload's address is a signature for some registries: it comes back untouched.
    expect(registry.seen.find(({ method }) => method === 'PUT')?.path).toContain(
      '?state=a%2Fb&digest=',
    );
  });

  test('is mounted when another repository has it', async () => {
    const registry = await start((request, response) => {
      if (request.method !== 'POST') return false;
      response.writeHead(201).end();
      return true;
    });
    expect(await client(registry).ensureBlob(layer, 'acme/base')).toBe('mounted');
    expect(registry.seen.at(-1)?.path).toContain('from=acme%2Fbase');
  });

  test('is sent again when the registry fails for a moment', async () => {
    let failures = 3;
    const registry = await start((request, response) => {
      if (request.method === 'HEAD' || (failures -= 1) < 0) return false;
      response.writeHead(failures === 2 ? 429 : 503, { 'retry-after': '1' }).end();
      return true;
    });
    expect(await client(registry).ensureBlob(layer)).toBe('uploaded');
  });

  test('that a registry in trouble never takes is an error after five tries', async () => {
    const registry = await start((_, response) => {
      response.writeHead(503).end('{"errors":[{"code":"DENIED","message":"quota\\nexceeded"}]}');
      return true;
    });
    await expect(client(registry).ensureBlob(layer)).rejects.toThrow(
      /answered 503 .*acme\/api: DENIED quota exceeded/,
    );
    expect(registry.seen.filter(({ method }) => method === 'POST')).toHaveLength(5);
  });

  test('stored under another digest is an error', async () => {
    const registry = await start((request, response) => {
      if (request.method !== 'PUT') return false;
      response.writeHead(201, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end();
      return true;
    });
    await expect(client(registry).ensureBlob(layer)).rejects.toThrow(/but sha256:.* was sent/);
  });
});

describe('credentials', () => {
  function protectedRegistry(
    realm: (host: string) => string,
    token = 'the-token',
  ): Promise<TestRegistry> {
    return start((request, response) => {
      if (request.url?.startsWith('/token') === true) {
        const isKnown = request.headers.authorization === basicHeader;
        response.writeHead(isKnown ? 200 : 401).end(JSON.stringify({ token }));
        return true;
      }
      if (request.headers.authorization === `Bearer ${token}`) return false;
      const host = request.headers.host ?? '';
      response
        .writeHead(401, { 'www-authenticate': `Bearer realm="${realm(host)}",service="reg"` })
        .end();
      return true;
    });
  }

  test('buy a token for this repository only, which is masked', async () => {
    const masked: string[] = [];
    const registry = await protectedRegistry((host) => `http://${host}/token`);
    expect(await client(registry, basic, masked).ensureBlob(layer)).toBe('uploaded');
    const asked = registry.seen.filter(({ path }) => path.startsWith('/token'));
    expect(asked).toHaveLength(1);
    expect(asked[0]?.path).toBe('/token?service=reg&scope=repository%3Aacme%2Fapi%3Apull%2Cpush');
    expect(masked).toContain('the-token');
  });

  test('answer a Basic challenge', async () => {
    const registry = await start((request, response) => {
      if (request.headers.authorization === basicHeader) return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return true;
    });
    expect(await client(registry, basic).ensureBlob(layer)).toBe('uploaded');
  });

  test('that are wrong or missing are told as such, without showing them', async () => {
    const registry = await protectedRegistry((host) => `http://${host}/token`);
    await expect(client(registry).ensureBlob(layer)).rejects.toMatchObject({
      message: expect.stringContaining('answered 401'),
      next: expect.stringContaining('No credentials were found'),
    });
    const wrong = { ...basic, password: 'wrong-word' };
    const error: unknown = await client(registry, wrong)
      .ensureBlob(layer)
      .catch((caught: unknown) => caught);
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong-word');
  });

  test('do not go to a token service without TLS on another machine', async () => {
    const registry = await protectedRegistry(() => 'http://tokens.example.com/token');
    await expect(client(registry, basic).ensureBlob(layer)).rejects.toThrow(
      /credentials must not go to: "http:\/\/tokens\.example\.com/,
    );
  });

  test('do not follow an upload to another origin', async () => {
    const storage = await start();
    const registry = await start((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        return true;
      }
      if (request.method !== 'POST') return false;
      response.writeHead(202, { location: `http://${storage.host}/v2/x/blobs/uploads/9` }).end();
      return true;
    });
    await client(registry, basic).ensureBlob(layer);
    expect(storage.seen).toHaveLength(1);
    expect(storage.seen[0]?.authorization).toBeUndefined();
  });

  test('stay here when a registry sends the upload to a place without TLS', async () => {
    const registry = await start((request, response) => {
      if (request.method !== 'POST') return false;
      response.writeHead(202, { location: 'http://storage.example.com/upload' }).end();
      return true;
    });
    await expect(client(registry, basic).ensureBlob(layer)).rejects.toThrow(
      /to a place it must not go to/,
    );
  });

  test.each(['bad token', 'x\r\ny'])('are not replaced by the token %j', async (token) => {
    const registry = await protectedRegistry((host) => `http://${host}/token`, token);
    await expect(client(registry, basic).ensureBlob(layer)).rejects.toThrow(/without a token/);
  });
});

describe('an image', () => {
  test('is pushed blobs first and its tags last, and read back', async () => {
    const registry = await start();
    const pushed = await push(registry, ['v1', 'latest']);
    const puts = registry.seen.filter(
      ({ method, path }) => method === 'PUT' && path.includes('/manifests/'),
    );
    expect(puts.map(({ path }) => path.split('/').at(-1)?.slice(0, 7))).toEqual([
      'sha256:',
      'sha256:',
      'sha256:',
      'v1',
      'latest',
    ]);
    expect(pushed.digest).toBe(`sha256:${sha256(registry.manifests.get('v1') ?? '')}`);
    expect(pushed.platforms).toEqual(['linux/amd64', 'linux/arm64']);
  });

  test('is the same twice, so that the second push uploads nothing', async () => {
    const registry = await start();
    const first = await push(registry);
    const again = await push(registry);
    expect(again.digest).toBe(first.digest);
    expect(again.layers).toEqual(['present', 'present']);
  });

  test('whose tag names something else afterwards is an error', async () => {
    const registry = await start((request, response) => {
      if (request.method !== 'GET') return false;
      response.writeHead(200).end('{"another":"manifest"}');
      return true;
    });
    await expect(push(registry)).rejects.toThrow(/:v1 is sha256:.* after pushing sha256:/);
  });

  test('is not read back without end', async () => {
    const registry = await start((request, response) => {
      if (request.method !== 'GET') return false;
      response.writeHead(200);
      const more = (): void => {
        while (response.write(Buffer.alloc(1024 * 1024)));
        response.once('drain', more);
      };
      more();
      return true;
    });
    await expect(push(registry)).rejects.toThrow(/sent more than the 4194304 bytes/);
  });

  test('under a manifest digest that the registry changes is an error', async () => {
    const registry = await start((request, response) => {
      if (request.method !== 'PUT' || request.url?.includes('/manifests/') !== true) return false;
      response.writeHead(201, { 'docker-content-digest': `sha256:${'1'.repeat(64)}` }).end();
      return true;
    });
    await expect(push(registry)).rejects.toThrow(/stored manifest/);
  });
});
