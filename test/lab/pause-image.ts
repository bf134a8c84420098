import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { pauseImage } from './containerd.ts';

const run = promisify(execFile);

async function tar(folder: string, archive: string, names: readonly string[]): Promise<void> {
  const plain = ['--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--sort=name'];
  await run('tar', ['-C', folder, ...plain, '-cf', archive, ...names]);
}

/**
 * Writes the pause image as an OCI image layout in a tar file (image-spec 1.1), ready for
 * `ctr images import`: one layer that holds the static program and nothing else.
 */
export async function writePauseImage(program: string, archive: string): Promise<void> {
  const work = `${archive}.d`;
  const blobs = path.join(work, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  try {
    await copyFile(program, path.join(work, 'pause'));
    await chmod(path.join(work, 'pause'), 0o755);
    const layerFile = path.join(work, 'layer.tar');
    await tar(work, layerFile, ['pause']);
    const put = async (bytes: Buffer): Promise<{ digest: string; size: number }> => {
      const hex = createHash('sha256').update(bytes).digest('hex');
      await writeFile(path.join(blobs, hex), bytes);
      return { digest: `sha256:${hex}`, size: bytes.length };
    };
    const putJson = (value: unknown): Promise<{ digest: string; size: number }> =>
      put(Buffer.from(JSON.stringify(value)));
    const layer = await put(await readFile(layerFile));
    const config = await putJson({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Entrypoint: ['/pause'] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    const manifest = await putJson({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    });
    const index = {
      schemaVersion: 2,
      manifests: [
        {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          ...manifest,
          annotations: {
            'io.containerd.image.name': pauseImage,
            'org.opencontainers.image.ref.name': pauseImage.split(':')[1],
          },
        },
      ],
    };
    await writeFile(path.join(work, 'index.json'), JSON.stringify(index));
    await writeFile(path.join(work, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await tar(work, archive, ['blobs', 'index.json', 'oci-layout']);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
