import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  startRegistry,
  type TestRegistry,
} from '../../../packages/artifact/test/registry-server.ts';
import { useBuildAction } from './build-action.ts';
import { stampedMain } from './go-module.ts';

jest.setTimeout(300_000);

const action = useBuildAction();
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const files = { 'cmd/api/main.go': stampedMain, 'db/1.sql': 'create', 'db/2.sql': 'drop' };
const plain = { version: 'v1.2.3', archive: 'false', sbom: 'false' };

/** What a tag names, and its configuration. */
function imageOf(tag: string) {
  const read = (bytes: Buffer | undefined): unknown => JSON.parse(bytes?.toString() ?? '');
  const manifest = read(registry.manifests.get(tag)) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  const config = read(registry.blobs.get(manifest.config.digest)) as {
    config: Record<string, unknown>;
  };
  return { layers: manifest.layers.map(({ digest }) => digest), config: config.config };
}

describe('images', () => {
  test('are built on a pinned base with files, ports, arguments and a user', async () => {
    const folder = action.workspace(files);
    const below = await action.run(folder, {
      ...plain,
      image: `${registry.host}/base`,
      'image-tags': 'base',
    });
    const { api = '' } = JSON.parse(below.outputs['images'] ?? '') as Record<string, string>;
    const result = await action.run(folder, {
      ...plain,
      image: `${registry.host}/acme/api`,
      'image-base': `${registry.host}/base:base@${api}`,
      'image-files': 'db=/srv/db/ owner=1000 mode=0440',
      'image-ports': '8080',
      'image-args': 'serve\n--addr=:8080',
      'image-env': 'MODE=prod',
      'image-entrypoint': '/app/init\n--\n{program}',
    });
    expect([result.exitCode, result.annotations]).toEqual([0, []]);
    const [base, upon] = [imageOf('base'), imageOf('v1.2.3')];
    expect(upon.layers.slice(0, -1)).toEqual(base.layers);
    expect(upon.config).toMatchObject({
      User: '65532:65532',
      Entrypoint: ['/app/init', '--', '/app/api'],
      Cmd: ['serve', '--addr=:8080'],
      ExposedPorts: { '8080/tcp': {} },
    });
    expect(upon.config['Env']).toContain('MODE=prod');
  });

  test('above a given budget are not pushed, and the largest packages are told', async () => {
    const folder = action.workspace(files);
    const before = registry.manifests.size;
    const inputs = { ...plain, image: `${registry.host}/large`, 'image-budget': '100kB' };
    const result = await action.run(folder, inputs);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(
      /image of api for linux\/amd64 is \S+ kB to pull, more than its image-budget of 100\.0 kB: the largest packages in the program, before compression, are runtime \S+ kB, /,
    );
    expect(registry.manifests.size).toBe(before);
    // What was built is there to be looked at.
    expect(readdirSync(path.join(folder, 'dist'))).toContain('checksums.txt');
  });

  test.each([
    [{ 'image-files': 'none=/srv/' }, /image-files: "none" names no file/],
    [{ 'image-files': 'db/1.sql=/app/api' }, /"\/app\/api" is where the program itself is/],
    [
      { 'image-base': `HOST/base@sha256:${'a'.repeat(64)}` },
      /image-base: .*is not in its registry/,
    ],
  ])('are refused before the build for %j', async (given, message) => {
    const inputs = Object.entries(given).map(([name, value]) => [
      name,
      value.replace('HOST', registry.host),
    ]);
    const result = await action.run(action.workspace(files), {
      ...plain,
      image: `${registry.host}/acme/api`,
      ...(Object.fromEntries(inputs) as Record<string, string>),
    });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(message);
    expect(result.stdout).not.toContain('Building');
  });
});
