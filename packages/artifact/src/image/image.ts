import { writeArchive } from '@slipway/archive';
import type { BaseImage, BaseLayer, RunConfig } from './base-image.ts';
import { descriptor, jsonBlob, mediaTypes, type Layer, type SmallBlob } from './blob-descriptor.ts';
import type { ImagePlatform } from './image-platform.ts';
import {
  nonroot,
  places,
  scratchEntries,
  upperEntries,
  type LayerContent,
} from './layer-entries.ts';

/** An image for one platform. */
export interface Image {
  platform: ImagePlatform;
  manifest: SmallBlob;
  config: SmallBlob;
  /** Our own. */
  layer: Layer;
  /** Those below it, which are in the base's repository. */
  baseLayers: readonly BaseLayer[];
  /** Digest of our own layer before compression: the same wherever and whenever it is built. */
  diffId: string;
  /** What a pull transfers: manifest, config and layers. */
  pulledBytes: number;
}

/** How the program is started, where it is not as usual. */
export interface StartSettings {
  /** What runs; the program by default. */
  entrypoint?: readonly string[];
  /** Arguments, which whoever runs the image can replace. */
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** `uid`, `uid:gid`, or a name that the base knows. */
  user?: string;
  /** `8080/tcp`. */
  ports?: readonly string[];
}

/** What an image is made of. */
export interface ImageContent extends LayerContent, StartSettings {
  platform: ImagePlatform;
  labels: Readonly<Record<string, string>>;
  epochSeconds: number;
  /** Absent: from scratch. */
  base?: BaseImage;
}

type Setting = readonly [name: string, value: string | undefined];

/** Later settings of a variable replace earlier ones, in the place of the first. */
function mergeEnv(settings: readonly Setting[]): string[] {
  return [...new Map(settings)].map(([name, value]) =>
    value === undefined ? name : `${name}=${value}`,
  );
}

/** A line of a base; one without `=` says nothing that is known, and stays as it is. */
function settingOf(line: string): Setting {
  const at = line.indexOf('=');
  return at < 0 ? [line, undefined] : [line.slice(0, at), line.slice(at + 1)];
}

function envOf(content: ImageContent, below: RunConfig, isHome: boolean): string[] {
  const inherited = (below.Env ?? []).map(settingOf);
  const { PATH: path } = Object.fromEntries(inherited);
  return mergeEnv([
    ...inherited,
    ['PATH', path === undefined || path === '' ? '/app' : `/app:${path}`],
    ...(isHome ? [['HOME', places.home] as const] : []),
    ...(content.caCertificates === undefined
      ? []
      : [['SSL_CERT_FILE', places.caCertificates] as const]),
    ...(content.zoneinfo === undefined ? [] : [['ZONEINFO', places.zoneinfo] as const]),
    ...Object.entries(content.env ?? {}),
  ]);
}

/** The first that says something: an empty setting of a base says nothing. */
function firstSaid(...settings: readonly (string | undefined)[]): string {
  return settings.find((setting) => setting !== undefined && setting !== '') ?? '';
}

/** How a container is started: the base's settings below ours, its command gone with its entrypoint. */
function runConfig(content: ImageContent, isHome: boolean) {
  const { program, labels, args = [], entrypoint = [], ports = [], user = '', base } = content;
  const below = base?.config ?? {};
  const { Cmd: _command, ...kept } = below as RunConfig & { Cmd?: unknown };
  const exposed = { ...below.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) };
  return {
    ...kept,
    User: firstSaid(user, below.User, `${nonroot}:${nonroot}`),
    ...(Object.keys(exposed).length > 0 ? { ExposedPorts: exposed } : {}),
    Env: envOf(content, below, isHome),
    Entrypoint: entrypoint.length > 0 ? entrypoint : [`/app/${program.name}`],
    ...(args.length > 0 ? { Cmd: args } : {}),
    WorkingDir: firstSaid(below.WorkingDir, isHome ? places.home : '/'),
    Labels: { ...below.Labels, ...labels },
  };
}

/** What says which base an image has (opencontainers/image-spec, annotations.md). */
function baseAnnotations({ base }: ImageContent): Record<string, string> {
  if (base === undefined) return {};
  const prefix = 'org.opencontainers.image.base';
  return { [`${prefix}.name`]: base.name, [`${prefix}.digest`]: base.digest };
}

/**
 * An image with one layer of its own, from scratch or upon a base: the program and what it needs. From
 * scratch it runs as user 65532 in its home, as distroless images do, or as whoever it is told to; upon a
 * base as the base says, and where that says nothing as from scratch. Time, owners and order are fixed, so
 * the same program gives the same image. The layer is written to `layerFile`, which must stay there until
 * it is pushed.
 */
export async function buildImage(content: ImageContent, layerFile: string): Promise<Image> {
  const { platform, labels, epochSeconds, base } = content;
  const isHome = base === undefined || firstSaid(base.config.User, content.user) === '';
  const created = new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
  const entries =
    base === undefined ? scratchEntries(content) : upperEntries(content, { withHome: isHome });
  const written = await writeArchive(layerFile, entries, {
    format: 'tar.gz',
    mtimeSeconds: epochSeconds,
  });
  const diffId = `sha256:${written.unpackedSha256}`;
  const layer = { digest: `sha256:${written.sha256}`, size: written.bytes, file: layerFile };
  const baseLayers = base?.layers ?? [];
  const config = jsonBlob({
    created,
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    config: runConfig(content, isHome),
    rootfs: { type: 'layers', diff_ids: [...(base?.diffIds ?? []), diffId] },
    history: [...(base?.history ?? []), { created, created_by: 'slipway go-cross-build' }],
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(mediaTypes.config, config),
    layers: [
      ...baseLayers.map((each) => descriptor(each.mediaType, each)),
      descriptor(mediaTypes.layer, layer),
    ],
    annotations: { ...labels, ...baseAnnotations(content) },
  });
  const pulledBytes = [manifest, config, layer, ...baseLayers].reduce(
    (sum, { size }) => sum + size,
    0,
  );
  return { platform, manifest, config, layer, baseLayers, diffId, pulledBytes };
}
