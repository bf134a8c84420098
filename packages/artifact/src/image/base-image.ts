import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ActionError, InputError } from '@slipway/runtime';
import { sha256 } from '../file/index.ts';
import { formatImageName, type PinnedImage, type RegistryClient } from '../registry/index.ts';
import { mediaTypes } from './blob-descriptor.ts';
import type { ImagePlatform } from './image-platform.ts';

/** A layer that somebody else made. */
export interface BaseLayer {
  mediaType: string;
  digest: string;
  size: number;
}

/** What a container is started with (opencontainers/image-spec, config.md), as far as it is looked at. */
export interface RunConfig {
  User?: string;
  Env?: readonly string[];
  WorkingDir?: string;
  Labels?: Readonly<Record<string, string>>;
  ExposedPorts?: Readonly<Record<string, object>>;
}

/** The image for one platform that others are built on. */
export interface BaseImage {
  /** `registry/repository`, and the digest that it was pinned by. */
  name: string;
  digest: string;
  layers: readonly BaseLayer[];
  diffIds: readonly string[];
  history: readonly object[];
  config: RunConfig;
}

interface Descriptor extends BaseLayer {
  platform?: ImagePlatform;
}

interface Manifest {
  manifests?: readonly Descriptor[];
  config?: Descriptor;
  layers?: readonly Descriptor[];
}

interface Config extends ImagePlatform {
  config?: RunConfig | null;
  rootfs?: { diff_ids?: readonly string[] };
  history?: readonly object[];
}

/** Docker's names of what OCI has since; the bytes are the same. */
const dockerTypes = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;
const acceptedTypes = [
  mediaTypes.index,
  mediaTypes.manifest,
  dockerTypes.index,
  dockerTypes.manifest,
];
const maxConfigBytes = 4 * 1024 * 1024;
const maxLayers = 200;

/** Which variants run on a processor, the best first; an image without one runs on all. */
function fits({ architecture, variant }: ImagePlatform): (string | undefined)[] {
  if (architecture === 'arm') {
    const level = Number(/\d/.exec(variant ?? 'v7')?.[0] ?? '7');
    return [7, 6, 5].filter((each) => each <= level).map((each) => `v${each}`);
  }
  return architecture === 'arm64' ? [variant, 'v8'] : [variant];
}

function choose(manifests: readonly Descriptor[], platform: ImagePlatform): Descriptor | undefined {
  const same = manifests.filter(
    (each) =>
      each.platform?.os === platform.os && each.platform.architecture === platform.architecture,
  );
  for (const variant of [...fits(platform), undefined]) {
    const found = same.find((each) => each.platform?.variant === variant);
    if (found !== undefined) return found;
  }
  return undefined;
}

const textOf = ({ os, architecture, variant }: ImagePlatform): string =>
  [os, architecture, variant].filter(Boolean).join('/');

/** Reads a manifest by its digest, and judges that it is the one. */
async function readManifest(
  client: RegistryClient,
  name: string,
  digest: string,
): Promise<Manifest> {
  const bytes = await client.getManifest(digest, acceptedTypes);
  if (bytes === undefined)
    throw new InputError(`image-base: ${name}@${digest} is not in its registry.`, {
      next: 'A registry may have removed it; pin the digest of a newer one.',
    });
  if (`sha256:${sha256(bytes)}` !== digest)
    throw new ActionError(
      `image-base: the registry answered another manifest for ${name}@${digest}.`,
    );
  return JSON.parse(bytes.toString()) as Manifest;
}

/**
 * Whether content is named as it can be read and checked: registries may name anything, also what would
 * lead elsewhere in a URL or as the name of a file.
 */
function isNamedRightly({ digest, size }: Descriptor): boolean {
  const isDigest = typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest);
  return isDigest && Number.isSafeInteger(size) && size >= 0;
}

function describedLayer({ mediaType, digest, size }: Descriptor): BaseLayer {
  return {
    mediaType: mediaType === dockerTypes.layer ? mediaTypes.layer : mediaType,
    digest,
    size,
  };
}

/**
 * Reads the manifest and the configuration of a pinned image for `platform`, each judged by its digest;
 * layers stay where they are. Throws InputError when the image has none for the platform.
 */
export async function readBaseImage(
  client: RegistryClient,
  { name, digest }: PinnedImage,
  { platform, scratch }: { platform: ImagePlatform; scratch: string },
): Promise<BaseImage> {
  const named = formatImageName(name);
  let manifest = await readManifest(client, named, digest);
  const none = (found: readonly ImagePlatform[]): InputError =>
    new InputError(
      `image-base: ${named} has no image for ${textOf(platform)}, but for ${found.map(textOf).join(', ')}.`,
      { next: 'Take the target out, or take another base.' },
    );
  const wrong = (why: string): ActionError =>
    new ActionError(`image-base: ${named}@${digest} ${why}.`);
  if (manifest.manifests !== undefined) {
    const chosen = choose(manifest.manifests, platform);
    if (chosen === undefined) throw none(manifest.manifests.flatMap((each) => each.platform ?? []));
    if (!isNamedRightly(chosen)) throw wrong('names a manifest without a sha256 digest and a size');
    manifest = await readManifest(client, named, chosen.digest);
  }
  const { config: described, layers = [] } = manifest;
  if (described === undefined || described.size > maxConfigBytes || layers.length > maxLayers)
    throw wrong('is no image');
  if (![described, ...layers].every(isNamedRightly))
    throw wrong('names content without a sha256 digest and a size');
  const file = path.join(scratch, `config-${described.digest.slice(7, 19)}`);
  await client.downloadBlob(described, file);
  const config = JSON.parse(await fs.readFile(file, 'utf8')) as Config;
  await fs.rm(file);
  const isOther = config.os !== platform.os || config.architecture !== platform.architecture;
  if (isOther) throw none([config]);
  return {
    name: named,
    digest,
    layers: layers.map(describedLayer),
    diffIds: config.rootfs?.diff_ids ?? [],
    history: config.history ?? [],
    config: config.config ?? {},
  };
}
