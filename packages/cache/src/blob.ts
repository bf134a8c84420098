import { quietLimit, retry, timeLimit } from '@slipway/runtime';
import type { CachePorts } from './cache-ports.ts';

const quietLimitMs = 15_000;
const uploadLimitMs = 120_000;
/** The version of Azure's protocol whose rules are kept; a signed address carries its own as `sv`. */
const protocolVersion = '2024-11-04';

/** A blob store that refused, or went silent. */
export class BlobError extends Error {}

/** Bytes `start` up to `end` (inclusive) of a blob, and how long the whole blob is. */
export interface BlobRange {
  bytes: Buffer;
  totalBytes: number;
}

async function readOnce(
  ports: CachePorts,
  url: string,
  start: number,
  end: number,
  onBytes: (count: number) => void,
): Promise<BlobRange> {
  const quiet = quietLimit(ports.clock, quietLimitMs, ports.signal);
  try {
    const response = await ports.fetch(url, {
      headers: { range: `bytes=${start}-${end}` },
      signal: quiet.signal,
    });
    const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
    if (response.status !== 206 || total === undefined) {
      await response.body?.cancel();
      throw new BlobError(`the blob store answered ${response.status} to a range request`);
    }
    const totalBytes = Number(total);
    const wanted = Math.min(end, totalBytes - 1) - start + 1;
    const bytes = Buffer.allocUnsafe(wanted);
    let at = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      quiet.heard();
      if (at + chunk.length > wanted) throw new BlobError('the blob store sent too much');
      bytes.set(chunk, at);
      at += chunk.length;
      onBytes(chunk.length);
    }
    if (at !== wanted) throw new BlobError(`the connection ended ${wanted - at} bytes early`);
    return { bytes, totalBytes };
  } finally {
    quiet.end();
  }
}

/** Reads one range; a failed attempt is repeated once. `onBytes` is told of every piece. */
export async function readBlobRange(
  ports: CachePorts,
  url: string,
  start: number,
  end: number,
  onBytes: (count: number) => void = () => undefined,
): Promise<BlobRange> {
  const { clock, signal } = ports;
  return retry(() => readOnce(ports, url, start, end, onBytes), {
    clock,
    signal,
    attempts: 2,
    firstDelayMs: 300,
    // Whatever the store did wrong, the range is as good as new the second time.
    transient: () => true,
  });
}

async function put(
  ports: CachePorts,
  url: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<void> {
  const { clock, signal } = ports;
  const once = async (): Promise<void> => {
    const response = await ports.fetch(url, {
      method: 'PUT',
      headers: { ...headers, 'x-ms-version': protocolVersion },
      body,
      signal: timeLimit(clock, uploadLimitMs, signal),
    });
    await response.body?.cancel();
    if (response.status !== 201)
      throw new BlobError(`the blob store answered ${response.status} to an upload`);
  };
  await retry(once, { clock, signal, attempts: 3, transient: () => true });
}

const blockName = (index: number): string =>
  Buffer.from(`slipway-${String(index).padStart(6, '0')}`).toString('base64');

function withQuery(url: string, query: Record<string, string>): string {
  const address = new URL(url);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address.href;
}

/** Puts block number `index` of a block blob (Azure: Put Block). Any order, also at the same time. */
export function putBlock(
  ports: CachePorts,
  url: string,
  index: number,
  body: Uint8Array<ArrayBuffer>,
): Promise<void> {
  return put(ports, withQuery(url, { comp: 'block', blockid: blockName(index) }), body, {});
}

/** Makes the blob out of its blocks, in the order of `indexes` (Azure: Put Block List). */
export function commitBlocks(
  ports: CachePorts,
  url: string,
  indexes: readonly number[],
): Promise<void> {
  const list = indexes.map((index) => `<Latest>${blockName(index)}</Latest>`).join('');
  const xml = `<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`;
  return put(ports, withQuery(url, { comp: 'blocklist' }), Buffer.from(xml), {
    'content-type': 'text/plain; charset=UTF-8',
  });
}
