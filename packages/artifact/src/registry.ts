import { ActionError, type Clock, type Fetch, type MaskSecret } from '@slipway/runtime';
import { sha256 } from './digest.ts';
import { formatImageName, isLoopback, type ImageName } from './image-name.ts';
import { authorize, parseChallenge } from './registry-auth.ts';
import type { RegistryCredentials } from './registry-credentials.ts';
import { readLimited, retryingSender } from './registry-http.ts';

/** One repository of a registry, through the distribution API (opencontainers/distribution-spec). */
export interface RegistryClient {
  /** Makes sure the blob is there; says how it came. `mountFrom`: a repository that may have it. */
  ensureBlob(
    digest: string,
    bytes: Uint8Array,
    mountFrom?: string,
  ): Promise<'present' | 'mounted' | 'uploaded'>;
  /** Puts a manifest under its digest or a tag. Throws when the registry names another digest. */
  putManifest(reference: string, bytes: Uint8Array, mediaType: string): Promise<void>;
  /** The bytes of a manifest; undefined when there is none. */
  getManifest(reference: string, mediaTypes: readonly string[]): Promise<Buffer | undefined>;
}

const maxManifestBytes = 4 * 1024 * 1024;
const defaultChunkBytes = 32 * 1024 * 1024;
const uploadTimeoutMs = 600_000;

/** A client for one repository. Credentials and tokens go to the registry's own origin only. */
export function createRegistryClient(options: {
  name: ImageName;
  credentials: RegistryCredentials | undefined;
  fetch: Fetch;
  clock: Clock;
  signal: AbortSignal;
  maskSecret: MaskSecret;
  /** Repositories of the same registry that blobs may be mounted from. */
  mountFrom?: readonly string[];
  /** Blobs above it go in parts of this size, since proxies limit the size of a request. 32 MiB by default. */
  chunkBytes?: number;
}): RegistryClient {
  const { name, credentials, maskSecret, chunkBytes = defaultChunkBytes } = options;
  const send = retryingSender(options);
  const origin = new URL(name.origin);
  const base = `${name.origin}/v2/${name.repository}`;
  const scopes = [
    `repository:${name.repository}:pull,push`,
    ...(options.mountFrom ?? []).map((repository) => `repository:${repository}:pull`),
  ];
  let authorization: Promise<string | undefined> | undefined;

  async function call(
    url: URL,
    init: RequestInit & { timeoutMs?: number } = {},
  ): Promise<Response> {
    const sendWith = async (): Promise<Response> => {
      const header = url.origin === origin.origin ? await authorization : undefined;
      return send(url, {
        ...init,
        headers: {
          ...(init.headers as Record<string, string> | undefined),
          ...(header === undefined ? {} : { authorization: header }),
        },
      });
    };
    const used = authorization;
    const response = await sendWith();
    if (response.status !== 401 || url.origin !== origin.origin) return response;
    const challenge = parseChallenge(response.headers.get('www-authenticate'));
    if (challenge === undefined) return response;
    await response.body?.cancel();
    // Parallel requests share one token; only the first to be refused fetches another.
    if (authorization === used)
      authorization = authorize({
        challenge,
        origin: name.origin,
        scopes,
        credentials,
        send,
        maskSecret,
      });
    return sendWith();
  }

  async function failure(response: Response, what: string): Promise<ActionError> {
    const body = await readLimited(response, 65_536).catch(() => Buffer.alloc(0));
    const told = registryMessage(body.toString());
    return new ActionError(
      `${origin.host} answered ${response.status} when ${what} of ${formatImageName(name)}${told === '' ? '.' : `: ${told}`}`,
      {
        title: 'Image push failed',
        next:
          response.status === 401 || response.status === 403
            ? 'Log in before this step or give registry-username and registry-password; the account needs the right to push (on GitHub: permissions: packages: write).'
            : response.status === 404
              ? 'Check that the repository exists; some registries do not create one on push.'
              : response.status >= 500 || response.status === 429
                ? 'The registry is in trouble or limits the rate; run the job again.'
                : 'Check the image name and what the registry allows.',
      },
    );
  }

  function nextLocation(response: Response, from: URL, what: string): URL {
    const location = response.headers.get('location');
    const url = location === null ? null : URL.parse(location, from.href);
    const isSafe =
      url !== null &&
      (url.protocol === 'https:' || (isLoopback(url.host) && isLoopback(origin.host)));
    if (!isSafe)
      throw new ActionError(
        `${origin.host} sent ${what} of ${formatImageName(name)} to a place it must not go to: ${JSON.stringify((location ?? '').slice(0, 200))}.`,
      );
    return url;
  }

  async function upload(start: URL, digest: string, bytes: Uint8Array): Promise<Response> {
    let location = start;
    const finish = (body: Uint8Array): Promise<Response> => {
      // Appended as text: rewriting the query could spoil a signature that is in it.
      const query = `${location.search === '' ? '?' : `${location.search}&`}digest=${encodeURIComponent(digest)}`;
      return call(new URL(location.pathname + query, location), {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream' },
        body: Buffer.from(body),
        timeoutMs: uploadTimeoutMs,
      });
    };
    if (bytes.length <= chunkBytes) return finish(bytes);
    for (let from = 0; from < bytes.length; from += chunkBytes) {
      const chunk = bytes.subarray(from, from + chunkBytes);
      const response = await call(location, {
        method: 'PATCH',
        headers: {
          'content-type': 'application/octet-stream',
          'content-range': `${from}-${from + chunk.length - 1}`,
        },
        body: Buffer.from(chunk),
        timeoutMs: uploadTimeoutMs,
      });
      if (response.status !== 202) return response;
      await response.body?.cancel();
      location = nextLocation(response, location, 'a part of a layer');
    }
    return finish(new Uint8Array());
  }

  return {
    ensureBlob: async (digest, bytes, mountFrom) => {
      const head = await call(new URL(`${base}/blobs/${digest}`), { method: 'HEAD' });
      // Registries that keep blobs elsewhere answer a redirect for one that they have.
      if (head.status === 200 || head.status === 307 || head.status === 302) return 'present';
      if (head.status === 401 || head.status === 403)
        throw await failure(head, 'looking up a layer');
      const begin = new URL(`${base}/blobs/uploads/`);
      if (mountFrom !== undefined) {
        begin.searchParams.set('mount', digest);
        begin.searchParams.set('from', mountFrom);
      }
      const started = await call(begin, { method: 'POST' });
      if (started.status === 201) {
        await started.body?.cancel();
        return 'mounted';
      }
      if (started.status !== 202) throw await failure(started, 'beginning an upload');
      await started.body?.cancel();
      const done = await upload(nextLocation(started, begin, 'a layer'), digest, bytes);
      if (done.status !== 201 && done.status !== 204)
        throw await failure(done, `uploading ${digest}`);
      await done.body?.cancel();
      const told = done.headers.get('docker-content-digest');
      if (told !== null && told !== digest)
        throw new ActionError(
          `${origin.host} stored a layer of ${formatImageName(name)} as ${JSON.stringify(told.slice(0, 100))}, but ${digest} was sent.`,
        );
      return 'uploaded';
    },
    putManifest: async (reference, bytes, mediaType) => {
      const response = await call(new URL(`${base}/manifests/${reference}`), {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body: Buffer.from(bytes),
      });
      if (response.status !== 201) throw await failure(response, `putting manifest ${reference}`);
      await response.body?.cancel();
      const digest = `sha256:${sha256(bytes)}`;
      const told = response.headers.get('docker-content-digest');
      if (told !== null && told !== digest)
        throw new ActionError(
          `${origin.host} stored manifest ${reference} of ${formatImageName(name)} as ${JSON.stringify(told.slice(0, 100))}, but ${digest} was sent.`,
        );
    },
    getManifest: async (reference, mediaTypes) => {
      const response = await call(new URL(`${base}/manifests/${reference}`), {
        headers: { accept: mediaTypes.join(', ') },
      });
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw await failure(response, `reading manifest ${reference}`);
      return readLimited(response, maxManifestBytes);
    },
  };
}

/** The message in a registry's error body, one line. */
function registryMessage(body: string): string {
  try {
    const { errors } = JSON.parse(body) as { errors?: { code?: string; message?: string }[] };
    const told = (errors ?? []).map(({ code, message }) =>
      [code, message].filter(Boolean).join(' '),
    );
    return told.join('; ').replace(/\s+/g, ' ').slice(0, 300);
  } catch {
    return '';
  }
}
