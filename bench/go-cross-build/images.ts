import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildImage, createRegistryClient, parseImageName, pushImages } from '@slipway/artifact';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { program, imageTargets, type Arm } from './arm.ts';

/** ko needs a base; an all but empty one for both platforms is the fairest. */
export async function pushBase(registry: string): Promise<void> {
  const name = parseImageName(`${registry}/bench/base`);
  const client = createRegistryClient({
    name,
    credentials: undefined,
    fetch,
    clock: systemClock,
    signal: new AbortController().signal,
    maskSecret: () => undefined,
  });
  const layers = await mkdtemp(path.join(tmpdir(), 'slipway-bench-base-'));
  const images = await Promise.all(
    imageTargets.map((target) =>
      buildImage(
        {
          program: { name: 'none', content: new Uint8Array() },
          platform: { os: 'linux', architecture: target.split('/')[1] ?? '' },
          labels: {},
          epochSeconds: 0,
        },
        path.join(layers, target.replaceAll('/', '_')),
      ),
    ),
  );
  await pushImages({ client, log: fakeLog() }, { name, images, tags: ['latest'], annotations: {} });
  await rm(layers, { recursive: true });
}

/** Compressed bytes of `gosh` for linux/amd64 in the registry. */
export async function pulledBytes(registry: string, arm: Arm): Promise<number> {
  const repository = `bench/${arm.name.startsWith('ko') ? 'ko' : 'slipway'}/gosh`;
  const accept =
    'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json';
  const get = async (reference: string) => {
    const url = `http://${registry}/v2/${repository}/manifests/${reference}`;
    return (await (await fetch(url, { headers: { accept } })).json()) as {
      manifests?: { digest: string; platform: { architecture: string } }[];
      layers?: { size: number }[];
      config?: { size: number };
    };
  };
  const index = await get(program.version);
  const digest = index.manifests?.find(({ platform }) => platform.architecture === 'amd64')?.digest;
  const manifest = digest === undefined ? index : await get(digest);
  const layers = (manifest.layers ?? []).reduce((sum, { size }) => sum + size, 0);
  return layers + (manifest.config?.size ?? 0);
}
