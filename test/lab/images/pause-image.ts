import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pauseImage } from '../parts/containerd.ts';
import { oneLayerImage, plainTar } from './one-layer-image.ts';

/** Writes the pause image as an OCI image layout in a tar file, ready for `ctr images import`. */
export async function writePauseImage(program: string, archive: string): Promise<void> {
  const { manifest, mediaType, blobs } = await oneLayerImage(program);
  const work = `${archive}.d`;
  const folder = path.join(work, 'blobs', 'sha256');
  await mkdir(folder, { recursive: true });
  try {
    for (const { digest, bytes } of [manifest, ...blobs])
      await writeFile(path.join(folder, digest.replace('sha256:', '')), bytes);
    const annotations = {
      'io.containerd.image.name': pauseImage,
      'org.opencontainers.image.ref.name': pauseImage.split(':')[1],
    };
    const { digest, size } = manifest;
    const index = { schemaVersion: 2, manifests: [{ mediaType, digest, size, annotations }] };
    await writeFile(path.join(work, 'index.json'), JSON.stringify(index));
    await writeFile(path.join(work, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await plainTar(work, archive, ['blobs', 'index.json', 'oci-layout']);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
