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

/** Looks an image up by tag; undefined when the registry (plain HTTP, no login) has none. */
export async function readImage(
  registry: string,
  repository: string,
  tag: string,
): Promise<ImageFact | undefined> {
  const response = await fetch(`http://${registry}/v2/${repository}/manifests/${tag}`, {
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
