/** An image as the registry has it. */
export interface ImageFact {
  digest: string;
  /** `linux/amd64`, sorted; empty for an image that is no index. */
  platforms: readonly string[];
}

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
].join(', ');

/** Looks an image up by tag, without logging in; undefined when there is none. Plain HTTP on loopback. */
export async function readImage(
  registry: string,
  repository: string,
  tag: string,
): Promise<ImageFact | undefined> {
  const scheme = /^(?:127\.0\.0\.1|localhost)(?::|$)/.test(registry) ? 'http' : 'https';
  const response = await fetch(`${scheme}://${registry}/v2/${repository}/manifests/${tag}`, {
    headers: { accept },
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${registry} answered ${response.status} for ${repository}.`);
  const body = (await response.json()) as {
    manifests?: { platform?: { os: string; architecture: string } }[];
  };
  return {
    digest: response.headers.get('docker-content-digest') ?? '',
    platforms: (body.manifests ?? [])
      .map(({ platform }) => `${platform?.os ?? '?'}/${platform?.architecture ?? '?'}`)
      .sort(),
  };
}
