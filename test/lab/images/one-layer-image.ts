import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A blob of an image, named by what it holds. */
export interface Blob {
  digest: string;
  size: number;
  bytes: Buffer;
}

/** An image of one layer that holds one static program (image-spec 1.1). */
export interface OneLayerImage {
  manifest: Blob;
  mediaType: string;
  /** Configuration and layer. */
  blobs: readonly Blob[];
}

/** Packs files of `folder` into a tar whose bytes depend on names and contents alone. */
export async function plainTar(
  folder: string,
  archive: string,
  names: readonly string[],
): Promise<void> {
  const plain = ['--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--sort=name'];
  await run('tar', ['-C', folder, ...plain, '-cf', archive, ...names]);
}

function blob(bytes: Buffer): Blob {
  const hex = createHash('sha256').update(bytes).digest('hex');
  return { digest: `sha256:${hex}`, size: bytes.length, bytes };
}

const jsonBlob = (value: unknown): Blob => blob(Buffer.from(JSON.stringify(value)));

/** Makes an image from scratch that runs `program`. */
export async function oneLayerImage(program: string): Promise<OneLayerImage> {
  const work = await mkdtemp(path.join(os.tmpdir(), 'slipway-image-'));
  try {
    const name = path.basename(program);
    await copyFile(program, path.join(work, name));
    await chmod(path.join(work, name), 0o755);
    const archive = path.join(work, '.layer.tar');
    await plainTar(work, archive, [name]);
    const layer = blob(await readFile(archive));
    const config = jsonBlob({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Entrypoint: [`/${name}`] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const described = ({ digest, size }: Blob): { digest: string; size: number } => ({
      digest,
      size,
    });
    const manifest = jsonBlob({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...described(config) },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...described(layer) }],
    });
    return { manifest, mediaType, blobs: [config, layer] };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
