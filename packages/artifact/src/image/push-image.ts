import { openAsBlob } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ActionError, type Log } from '@slipway/runtime';
import { sha256 } from '../file/index.ts';
import { formatImageName, type ImageName, type RegistryClient } from '../registry/index.ts';
import { mediaTypes } from './blob-descriptor.ts';
import { buildIndex } from './image-index.ts';
import type { Image } from './image.ts';

/** An image in a registry. */
export interface PushedImage {
  name: string;
  tags: readonly string[];
  /** Of the index, or of the manifest when there is one platform. */
  digest: string;
  platforms: readonly string[];
  /** What a pull of each platform transfers, in the order of `platforms`. */
  pulledBytes: readonly number[];
  /** How each layer came to be there. */
  layers: readonly ('present' | 'mounted' | 'uploaded')[];
}

/** Where the layers of a base are, and where they may lie on their way. */
export interface BaseSource {
  client: RegistryClient;
  /** Its repository, when the images go to the same registry. */
  mountFrom: string | undefined;
  scratch: string;
}

/** Brings the layers of a base to where the images go: mounted within a registry, else one after the other. */
async function bringBaseLayers(
  client: RegistryClient,
  images: readonly Image[],
  { client: from, mountFrom, scratch }: BaseSource,
): Promise<void> {
  const layers = new Map(
    images.flatMap((image) => image.baseLayers).map((layer) => [layer.digest, layer]),
  );
  for (const [digest, layer] of layers) {
    if ((await client.adoptBlob(digest, mountFrom)) !== undefined) continue;
    const file = path.join(scratch, digest.slice('sha256:'.length));
    try {
      await from.downloadBlob(layer, file);
      await client.ensureBlob({ digest, content: await openAsBlob(file) });
    } finally {
      await fs.rm(file, { force: true });
    }
  }
}

/** `linux/arm/v7` of a platform. */
export function formatPlatform(platform: Image['platform']): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

/**
 * Pushes images of one name: blobs, then manifests by digest, then the index, and only at the end the
 * tags, so that no tag ever names something incomplete. Each tag is read back and its bytes compared.
 */
export async function pushImages(
  { client, log }: { client: RegistryClient; log: Log },
  options: {
    name: ImageName;
    images: readonly Image[];
    tags: readonly string[];
    annotations: Readonly<Record<string, string>>;
    mountFrom?: string;
    /** Needed where images have a base. */
    base?: BaseSource;
  },
): Promise<PushedImage> {
  const { name, images, tags } = options;
  if (options.base !== undefined) await bringBaseLayers(client, images, options.base);
  const layers = await Promise.all(
    images.map(async ({ layer, config }) => {
      const [how] = await Promise.all([
        client.ensureBlob(
          { digest: layer.digest, content: await openAsBlob(layer.file) },
          options.mountFrom,
        ),
        client.ensureBlob({ digest: config.digest, content: new Blob([config.bytes]) }),
      ]);
      return how;
    }),
  );
  for (const { manifest } of images)
    await client.putManifest(manifest.digest, manifest.bytes, mediaTypes.manifest);
  const [first] = images;
  if (first === undefined) throw new RangeError('pushImages needs an image.');
  const isIndex = images.length > 1;
  const top = isIndex ? buildIndex(images, options.annotations) : first.manifest;
  const mediaType = isIndex ? mediaTypes.index : mediaTypes.manifest;
  if (isIndex) await client.putManifest(top.digest, top.bytes, mediaType);
  for (const tag of tags) {
    await client.putManifest(tag, top.bytes, mediaType);
    const back = await client.getManifest(tag, [mediaType]);
    const found = back === undefined ? undefined : `sha256:${sha256(back)}`;
    if (found !== top.digest)
      throw new ActionError(
        `${formatImageName(name)}:${tag} is ${found ?? 'missing'} in the registry after pushing ${top.digest}.`,
        {
          title: 'Image push failed',
          next: 'Another job may push the same tag; give each its own image-tags.',
        },
      );
  }
  log.info(`${formatImageName(name)}@${top.digest} pushed as ${tags.join(', ')}`);
  return {
    name: formatImageName(name),
    tags,
    digest: top.digest,
    platforms: images.map(({ platform }) => formatPlatform(platform)),
    pulledBytes: images.map(({ pulledBytes }) => pulledBytes),
    layers,
  };
}
