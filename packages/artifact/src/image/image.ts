import { writeArchive, type ArchiveEntry, type StoredFile } from '@slipway/archive';
import { descriptor, jsonBlob, mediaTypes, type Layer, type SmallBlob } from './blob-descriptor.ts';

/** The operating system and processor that an image is for. */
export interface ImagePlatform {
  os: string;
  architecture: string;
  variant?: string;
}

/** An image for one platform. */
export interface Image {
  platform: ImagePlatform;
  manifest: SmallBlob;
  config: SmallBlob;
  layer: Layer;
  /** Digest of the layer before compression: the same wherever and whenever it is built. */
  diffId: string;
  /** What a pull transfers: manifest, config and layer. */
  pulledBytes: number;
}

/** What an image is made of. */
export interface ImageContent {
  program: { name: string; content: Uint8Array | StoredFile };
  platform: ImagePlatform;
  labels: Readonly<Record<string, string>>;
  epochSeconds: number;
  /** PEM certificates that the program trusts; absent leaves them out. */
  caCertificates?: string;
  /** Go's zoneinfo.zip; absent leaves time zones out. */
  zoneinfo?: Uint8Array;
}

/** The user that the program runs as, numeric so that Kubernetes can check `runAsNonRoot`. */
const nonroot = 65532;
const home = 'home/nonroot/';
/** Of folders that whoever runs may write to. */
const open = 0o1777;
const zoneinfoPath = 'usr/share/zoneinfo.zip';

function layerEntries(content: ImageContent): ArchiveEntry[] {
  const { program, caCertificates, zoneinfo } = content;
  const passwd = [
    'root:x:0:0:root:/:/sbin/nologin',
    `nonroot:x:${nonroot}:${nonroot}:nonroot:/home/nonroot:/sbin/nologin`,
  ];
  const files: ArchiveEntry[] = [
    { path: `app/${program.name}`, content: program.content, mode: 0o555 },
    { path: 'etc/passwd', content: Buffer.from(`${passwd.join('\n')}\n`), mode: 0o644 },
    { path: 'etc/group', content: Buffer.from(`root:x:0:\nnonroot:x:${nonroot}:\n`), mode: 0o644 },
    ...(caCertificates === undefined
      ? []
      : [
          {
            path: 'etc/ssl/certs/ca-certificates.crt',
            content: Buffer.from(caCertificates),
            mode: 0o644,
          },
        ]),
    ...(zoneinfo === undefined ? [] : [{ path: zoneinfoPath, content: zoneinfo, mode: 0o644 }]),
  ];
  const folders = new Set(['tmp/']);
  for (const { path } of files)
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
      folders.add(path.slice(0, at + 1));
  return [
    ...files,
    ...[...folders, 'home/'].map((path) => ({ path, mode: path === 'tmp/' ? open : 0o755 })),
    // A cluster may have the program run as any user (OpenShift does); it could not even start in a
    // working folder that it may not enter (GoogleContainerTools/distroless#718).
    { path: home, mode: open, owner: nonroot },
  ];
}

/**
 * An image from scratch with one layer: the program, a user database, a home and /tmp to write to, and
 * certificates and time zones where given. Runs as user 65532 in its home, as distroless images do, or as
 * whoever it is told to. Time, owners and order are fixed, so the same program gives the same image.
 * The layer is written to `layerFile`, which must stay there until it is pushed.
 */
export async function buildImage(content: ImageContent, layerFile: string): Promise<Image> {
  const { program, platform, labels, epochSeconds } = content;
  const created = new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
  const written = await writeArchive(layerFile, layerEntries(content), {
    format: 'tar.gz',
    mtimeSeconds: epochSeconds,
  });
  const diffId = `sha256:${written.unpackedSha256}`;
  const layer = { digest: `sha256:${written.sha256}`, size: written.bytes, file: layerFile };
  const config = jsonBlob({
    created,
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    config: {
      User: `${nonroot}:${nonroot}`,
      Env: [
        'PATH=/app',
        `HOME=/${home.slice(0, -1)}`,
        ...(content.caCertificates === undefined
          ? []
          : ['SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt']),
        ...(content.zoneinfo === undefined ? [] : [`ZONEINFO=/${zoneinfoPath}`]),
      ],
      Entrypoint: [`/app/${program.name}`],
      WorkingDir: `/${home.slice(0, -1)}`,
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created, created_by: 'slipway go-cross-build' }],
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(mediaTypes.config, config),
    layers: [descriptor(mediaTypes.layer, layer)],
    annotations: labels,
  });
  const pulledBytes = [manifest, config, layer].reduce((sum, { size }) => sum + size, 0);
  return { platform, manifest, config, layer, diffId, pulledBytes };
}
