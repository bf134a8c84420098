import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Fetch } from '@slipway/runtime';
import { kubernetesParts, type KubernetesPart } from './kubernetes-part.ts';

/** Where the project publishes its binaries (https://kubernetes.io/releases/download/). */
export const officialSite = 'https://dl.k8s.io';

/** How long the site has to answer before the lab goes its own way. */
const answerMs = 2_000;

/** The binaries of one version for one platform. */
export interface KubernetesRelease {
  /** Folder that holds the files, without a slash at its end. */
  url: string;
  checksums: ReadonlyMap<KubernetesPart, string>;
}

async function fetchChecksum(fetch: Fetch, url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(answerMs) });
  const text = (await response.text()).trim();
  // A login page of a hotel answers 200 to everything.
  if (response.status !== 200 || !/^[0-9a-f]{64}$/.test(text))
    throw new Error(`${url} answered ${response.status} and no SHA-256.`);
  return text;
}

/** The official release when its site gives all checksums within two seconds, else undefined. */
export async function findRelease(options: {
  fetch: Fetch;
  site: string;
  version: string;
  arch: string;
}): Promise<KubernetesRelease | undefined> {
  const { fetch, site, version, arch } = options;
  const url = `${site.replace(/\/$/, '')}/release/v${version}/bin/linux/${arch}`;
  try {
    const found = await Promise.all(
      kubernetesParts.map(
        async (part) => [part, await fetchChecksum(fetch, `${url}/${part}.sha256`)] as const,
      ),
    );
    return { url, checksums: new Map(found) };
  } catch {
    return undefined;
  }
}

async function downloadPart(options: {
  fetch: Fetch;
  url: string;
  sha256: string;
  file: string;
  onSize: (bytes: number) => void;
  onBytes: (bytes: number) => void;
}): Promise<void> {
  const response = await options.fetch(options.url);
  if (response.status !== 200 || response.body === null)
    throw new Error(`${options.url} answered ${response.status}.`);
  options.onSize(Number(response.headers.get('content-length') ?? 0));
  const hash = createHash('sha256');
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  body.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    options.onBytes(chunk.length);
  });
  await pipeline(body, createWriteStream(options.file));
  const actual = hash.digest('hex');
  if (actual !== options.sha256)
    throw new Error(
      `${options.url} has SHA-256 ${actual} and not ${options.sha256}, which the site itself publishes.`,
    );
  await chmod(options.file, 0o755);
}

/** Downloads all parts into `folder`, each verified. `onProgress` hears bytes done and expected. */
export async function downloadRelease(
  fetch: Fetch,
  release: KubernetesRelease,
  folder: string,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  let done = 0;
  let total = 0;
  await Promise.all(
    [...release.checksums].map(([part, sha256]) =>
      downloadPart({
        fetch,
        url: `${release.url}/${part}`,
        sha256,
        file: path.join(folder, part),
        onSize: (bytes) => {
          total += bytes;
        },
        onBytes: (bytes) => {
          done += bytes;
          onProgress(done, total);
        },
      }),
    ),
  );
}
