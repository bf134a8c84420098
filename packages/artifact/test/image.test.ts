import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { buildImage, buildIndex } from '../src/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-image-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const layerFile = (name: string): string => path.join(folder, name);

const content = (architecture: string, variant?: string) => ({
  program: { name: 'api', content: Buffer.from('program') },
  platform:
    variant === undefined ? { os: 'linux', architecture } : { os: 'linux', architecture, variant },
  labels: {},
  epochSeconds: 1_700_000_000,
});

interface Header {
  name: string;
  mode: number;
  uid: number;
}

/** The headers of a ustar archive, as POSIX lays them out. */
function headers(archive: Buffer): Header[] {
  const found: Header[] = [];
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0;) {
    const field = (from: number, length: number): string =>
      archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const octal = (from: number, length: number): number => parseInt(field(from, length), 8);
    found.push({ name: field(0, 100), mode: octal(100, 8), uid: octal(108, 8) });
    at += 512 * (1 + Math.ceil(octal(124, 12) / 512));
  }
  return found;
}

test('an image starts in a home that its user owns, and that any user of a cluster can enter and write to', async () => {
  const { layer, config } = await buildImage(content('amd64'), layerFile('one'));
  const entries = headers(gunzipSync(readFileSync(layer.file)));
  expect(entries).toContainEqual({ name: 'home/nonroot/', mode: 0o1777, uid: 65532 });
  expect(entries.filter(({ uid }) => uid !== 0)).toHaveLength(1);
  const { config: settings } = JSON.parse(config.bytes.toString()) as {
    config: { Env: string[]; User: string; WorkingDir: string };
  };
  expect(settings).toMatchObject({ User: '65532:65532', WorkingDir: '/home/nonroot' });
  expect(settings.Env).toContain('HOME=/home/nonroot');
});

test('an index is the same whatever the order of its platforms', async () => {
  const images = await Promise.all([
    buildImage(content('arm', 'v7'), layerFile('v7')),
    buildImage(content('amd64'), layerFile('amd64')),
    buildImage(content('arm', 'v6'), layerFile('v6')),
  ]);
  const { digest, bytes } = buildIndex(images, {});
  expect(buildIndex([...images].reverse(), {}).digest).toBe(digest);
  const { manifests } = JSON.parse(bytes.toString()) as {
    manifests: { platform: { architecture: string; variant?: string } }[];
  };
  expect(
    manifests.map(({ platform }) => `${platform.architecture}${platform.variant ?? ''}`),
  ).toEqual(['amd64', 'armv6', 'armv7']);
});
