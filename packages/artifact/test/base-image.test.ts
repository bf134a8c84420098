import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fakeClock, fakeLog } from '@slipway/testing';
import {
  buildImage,
  createRegistryClient,
  parseImageName,
  parsePinnedImage,
  pushImages,
  readBaseImage,
  type ImageContent,
  type RegistryClient,
} from '../src/index.ts';
import { startRegistry, type Interference, type TestRegistry } from './registry-server.ts';

let folder: string;
let started: TestRegistry[];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-base-'));
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((registry) => registry.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function registry(rules?: Interference): Promise<TestRegistry> {
  const one = await startRegistry(rules);
  started.push(one);
  return one;
}

function clientOf(name: string): RegistryClient {
  return createRegistryClient({
    name: parseImageName(name),
    credentials: undefined,
    fetch,
    clock: fakeClock(),
    signal: new AbortController().signal,
    maskSecret: () => undefined,
  });
}

const sha256 = (bytes: Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const content = (architecture: string, more: Partial<ImageContent> = {}): ImageContent => ({
  program: { name: 'api', content: Buffer.from(`program for ${architecture}`) },
  platform: { os: 'linux', architecture },
  labels: { app: 'api' },
  epochSeconds: 1_700_000_000,
  ...more,
});

/** Pushes a base as somebody else made it, by the platforms that it is for, and pins it. */
async function pushBase(host: string, platforms: readonly ImageContent['platform'][]) {
  const images = await Promise.all(
    platforms.map((platform, index) =>
      buildImage(
        content(platform.architecture, {
          platform,
          program: { name: 'tini', content: Buffer.from(`tini ${index}`) },
          env: { PATH: '/usr/bin', LANG: 'C' },
          args: ['help'],
          user: '1000',
          labels: { from: 'base', app: 'base' },
        }),
        path.join(folder, `base-${index}`),
      ),
    ),
  );
  const name = parseImageName(`${host}/base`);
  const client = clientOf(`${host}/base`);
  const what = { name, images, tags: ['1'], annotations: {} };
  const { digest } = await pushImages({ client, log: fakeLog() }, what);
  return { pinned: parsePinnedImage(`${host}/base:1@${digest}`), client, digest, images };
}

describe('an image upon a base', () => {
  test('has its layers below its own, its settings where we say nothing, and tells which it is', async () => {
    const { host } = await registry();
    const { pinned, client, digest, images } = await pushBase(host, [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64', variant: 'v8' },
    ]);
    const platform = { os: 'linux', architecture: 'arm64' };
    const base = await readBaseImage(client, pinned, { platform, scratch: folder });
    const own = content('arm64', {
      base,
      args: ['serve'],
      ports: ['8080/tcp'],
      env: { LANG: 'de' },
    });
    const image = await buildImage(own, path.join(folder, 'own'));
    const manifest = JSON.parse(image.manifest.bytes.toString()) as {
      layers: { digest: string }[];
      annotations: Record<string, string>;
    };
    expect(manifest.layers.map((layer) => layer.digest)).toEqual([
      images[1]?.layer.digest,
      image.layer.digest,
    ]);
    expect(manifest.annotations).toMatchObject({
      'org.opencontainers.image.base.name': `${host}/base`,
      'org.opencontainers.image.base.digest': digest,
    });
    const { config, rootfs, history } = JSON.parse(image.config.bytes.toString()) as {
      config: Record<string, unknown>;
      rootfs: { diff_ids: string[] };
      history: unknown[];
    };
    expect(rootfs.diff_ids).toEqual([images[1]?.diffId, image.diffId]);
    expect(history).toHaveLength(2);
    expect(config).toMatchObject({
      User: '1000',
      Env: ['PATH=/app:/usr/bin', 'HOME=/home/nonroot', 'LANG=de'],
      Entrypoint: ['/app/api'],
      Cmd: ['serve'],
      ExposedPorts: { '8080/tcp': {} },
      Labels: { from: 'base', app: 'api' },
    });
    expect(image.pulledBytes).toBeGreaterThan(image.layer.size + (images[1]?.layer.size ?? 0));
  });

  test('takes the layers along to another registry, and leaves nothing behind here', async () => {
    const [from, to] = [await registry(), await registry()];
    const platform = { os: 'linux', architecture: 'amd64' };
    const { pinned, client, images } = await pushBase(from.host, [platform]);
    const base = await readBaseImage(client, pinned, { platform, scratch: folder });
    const image = await buildImage(content('amd64', { base }), path.join(folder, 'own'));
    const before = readdirSync(folder);
    await pushImages(
      { client: clientOf(`${to.host}/acme/api`), log: fakeLog() },
      {
        name: parseImageName(`${to.host}/acme/api`),
        images: [image],
        tags: ['1'],
        annotations: {},
        base: { client, mountFrom: undefined, scratch: folder },
      },
    );
    for (const digest of [images[0]?.layer.digest ?? '', image.layer.digest])
      expect(sha256(to.blobs.get(digest) ?? Buffer.alloc(0))).toBe(digest);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('starts where the base says, in a home of its own where that says nothing', async () => {
    const { host } = await registry();
    const platform = { os: 'linux', architecture: 'amd64' };
    const { pinned, client } = await pushBase(host, [platform]);
    const read = await readBaseImage(client, pinned, { platform, scratch: folder });
    for (const [config, expected] of [
      [{ WorkingDir: '/srv' }, '/srv'],
      [{}, '/home/nonroot'],
      [{ User: '7' }, '/'],
    ] as const) {
      const own = content('amd64', { base: { ...read, config } });
      const image = await buildImage(own, path.join(folder, 'own'));
      const made = JSON.parse(image.config.bytes.toString()) as { config: { WorkingDir: string } };
      expect(made.config.WorkingDir).toBe(expected);
    }
  });

  test('keeps lines of the environment as they are, without a value or with several "="', async () => {
    const { host } = await registry();
    const platform = { os: 'linux', architecture: 'amd64' };
    const { pinned, client } = await pushBase(host, [platform]);
    const read = await readBaseImage(client, pinned, { platform, scratch: folder });
    const config = { User: '7', Env: ['FLAG', 'OPTS=a=b', 'PATH', 'EMPTY='] };
    const own = content('amd64', { base: { ...read, config } });
    const image = await buildImage(own, path.join(folder, 'own'));
    const made = JSON.parse(image.config.bytes.toString()) as { config: { Env: string[] } };
    expect(made.config.Env).toEqual(['FLAG', 'OPTS=a=b', 'PATH=/app', 'EMPTY=']);
  });

  test('writes no users, no /tmp and no folders of the base anew', async () => {
    const { host } = await registry();
    const platform = { os: 'linux', architecture: 'amd64' };
    const { pinned, client } = await pushBase(host, [platform]);
    const base = await readBaseImage(client, pinned, { platform, scratch: folder });
    const files = [
      { path: 'etc/api/config.yml', content: Buffer.from('a: 1'), mode: 0o640, owner: 7 },
    ];
    const image = await buildImage(content('amd64', { base, files }), path.join(folder, 'own'));
    const tar = gunzipSync(readFileSync(image.layer.file)).toString('latin1');
    for (const written of ['app/api', 'etc/api/config.yml']) expect(tar).toContain(written);
    for (const kept of ['etc/passwd', 'tmp/', 'home/']) expect(tar).not.toContain(kept);
  });

  test.each([
    [{ os: 'linux', architecture: 'arm', variant: 'v7' }, 'v6'],
    [{ os: 'linux', architecture: 'arm', variant: 'v6' }, 'v6'],
    [{ os: 'linux', architecture: 'arm', variant: 'v5' }, undefined],
    [{ os: 'linux', architecture: 'amd64', variant: 'v3' }, undefined],
  ])('for %j takes the best that its processor runs', async (platform, variant) => {
    const { host } = await registry();
    const all = [
      { os: 'linux', architecture: platform.architecture },
      ...(platform.architecture === 'arm'
        ? [{ os: 'linux', architecture: 'arm', variant: 'v6' }]
        : []),
      { os: 'linux', architecture: 's390x' },
    ];
    const { pinned, client, images } = await pushBase(host, all);
    const expected = images.find((each) => each.platform.variant === variant);
    const base = await readBaseImage(client, pinned, { platform, scratch: folder });
    expect(base.layers[0]?.digest).toBe(expected?.layer.digest);
  });
});

describe('a base', () => {
  const amd64 = { os: 'linux', architecture: 'amd64' };

  test('that has none for the platform is refused with those that it has', async () => {
    const { host } = await registry();
    const riscv64 = { os: 'linux', architecture: 'riscv64' };
    for (const platforms of [[amd64], [amd64, { os: 'linux', architecture: 'arm64' }]]) {
      const { pinned, client } = await pushBase(host, platforms);
      const read = readBaseImage(client, pinned, { platform: riscv64, scratch: folder });
      await expect(read).rejects.toThrow(/has no image for linux\/riscv64, but for linux\/amd64/);
    }
  });

  test('whose registry answers another manifest or other content is refused', async () => {
    let wrong: RegExp | undefined;
    const { host } = await registry((request, response) => {
      if (request.method !== 'GET' || wrong?.test(request.url ?? '') !== true) return false;
      response.writeHead(200).end('{"config":{}}');
      return true;
    });
    const { pinned, client } = await pushBase(host, [amd64]);
    const read = () => readBaseImage(client, pinned, { platform: amd64, scratch: folder });
    await expect(read()).resolves.toBeDefined();
    wrong = /manifests/;
    await expect(read()).rejects.toThrow(/answered another manifest/);
    wrong = /blobs/;
    await expect(read()).rejects.toThrow(/answered other content for sha256:/);
  });

  test.each([
    ['a layer', { layers: [{ digest: 'sha256:../victim', size: 1 }] }],
    ['a layer', { layers: [{ digest: `sha512:${'a'.repeat(128)}`, size: 1 }] }],
    ['a layer', { layers: [{ digest: `sha256:${'a'.repeat(64)}`, size: -1 }] }],
    ['a layer', { layers: [{ digest: `sha256:${'a'.repeat(64)}`, size: 2 ** 53 }] }],
    ['a layer', { layers: [{ size: 1 }] }],
    ['the configuration', { config: { digest: 'sha256:../../victim', size: 1 } }],
    ['a manifest', { manifests: [{ digest: 'sha256:../victim', size: 1, platform: amd64 }] }],
  ])('that names %s as %j is refused', async (_, more) => {
    const { host } = await registry();
    const { images, client } = await pushBase(host, [amd64]);
    const bytes = Buffer.from(
      JSON.stringify({ ...JSON.parse(images[0]?.manifest.bytes.toString() ?? ''), ...more }),
    );
    await client.putManifest(sha256(bytes), bytes, 'application/vnd.oci.image.manifest.v1+json');
    const pinned = parsePinnedImage(`${host}/base@${sha256(bytes)}`);
    const read = readBaseImage(client, pinned, { platform: amd64, scratch: folder });
    await expect(read).rejects.toThrow(/names (?:content|a manifest) without a sha256 digest/);
  });

  test('that is gone is told as such', async () => {
    const { host } = await registry();
    const pinned = parsePinnedImage(`${host}/base@sha256:${'a'.repeat(64)}`);
    const read = readBaseImage(clientOf(`${host}/base`), pinned, {
      platform: amd64,
      scratch: folder,
    });
    await expect(read).rejects.toThrow(/image-base: .*@sha256:a+ is not in its registry/);
  });
});
