import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildImage, createRegistryClient, parseImageName, pushImages } from '@slipway/artifact';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';

const run = promisify(execFile);
const source = path.resolve(import.meta.dirname, '..', 'fixtures', 'helm-probe');

/** Builds test/fixtures/helm-probe and pushes it; gives the image with its digest. */
export async function pushProbeImage(registry: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'helm-probe-'));
  try {
    const program = path.join(folder, 'helm-probe');
    const flags = ['build', '-trimpath', '-ldflags', '-s -w', '-o', program, '.'];
    await run('go', flags, {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOWORK: 'off' },
    });
    const image = await buildImage(
      {
        program: { name: 'helm-probe', content: await readFile(program) },
        platform: { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
        labels: {},
        epochSeconds: 0,
      },
      path.join(folder, 'layer'),
    );
    const name = parseImageName(`${registry}/slipway/helm-probe`);
    const log = fakeLog();
    const client = createRegistryClient({
      name,
      credentials: undefined,
      fetch: (url, init) => fetch(url, init),
      clock: systemClock,
      signal: new AbortController().signal,
      maskSecret: () => undefined,
    });
    const pushed = await pushImages(
      { client, log },
      { name, images: [image], tags: ['test'], annotations: {} },
    );
    return `${registry}/slipway/helm-probe@${pushed.digest}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
