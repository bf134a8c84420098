import { oneLayerImage } from './one-layer-image.ts';

async function expectStatus(response: Response, status: number, what: string): Promise<void> {
  if (response.status !== status)
    throw new Error(`${what} answered ${response.status}: ${await response.text()}`);
}

/**
 * Pushes an image that runs one static program to a registry on loopback (distribution-spec 1.1,
 * monolithic uploads) and returns its digest.
 */
export async function pushProgram(options: {
  registry: string;
  repository: string;
  tag: string;
  program: string;
}): Promise<string> {
  const { registry, repository, tag } = options;
  const { manifest, mediaType, blobs } = await oneLayerImage(options.program);
  const base = `http://${registry}/v2/${repository}`;
  for (const { digest, bytes } of blobs) {
    const begun = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
    await expectStatus(begun, 202, 'The start of an upload');
    const upload = new URL(begun.headers.get('location') ?? '', base);
    upload.searchParams.set('digest', digest);
    const body = new Uint8Array(bytes);
    await expectStatus(await fetch(upload, { method: 'PUT', body }), 201, `Blob ${digest}`);
  }
  const put = await fetch(`${base}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: new Uint8Array(manifest.bytes),
  });
  await expectStatus(put, 201, `Manifest ${repository}:${tag}`);
  return manifest.digest;
}
