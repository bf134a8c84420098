import * as fs from 'node:fs/promises';
import path from 'node:path';
import { errorMessage } from '@slipway/runtime';
import { commitBlocks, putBlock } from './blob.ts';
import type { CachePorts } from './cache-ports.ts';
import type { CacheService } from './cache-service.ts';
import type { Layer, LayerFile } from './layer.ts';
import { encodeFrame, encodeHeader, packVersion, type FrameInfo, type PackedFile } from './pack.ts';

const frameBytes = 4 * 1024 * 1024;
const blockBytes = 8 * 1024 * 1024;
const uploads = 4;
const packers = 2;
const maxFileBytes = 512 * 1024 * 1024;

/** What a save did. Saving never throws, except when the job is cancelled. */
export interface SaveReport {
  layer: Layer['name'];
  outcome: 'saved' | 'taken' | 'denied' | 'failed' | 'skipped';
  key?: string;
  bytes: number;
  files: number;
  durationMs: number;
  why?: string;
}

interface Batch {
  codec: FrameInfo['codec'];
  files: LayerFile[];
}

/** Files grouped into frames, small ones together, each frame of one codec. */
function batches(layer: Layer, files: readonly LayerFile[]): Batch[] {
  const result: Batch[] = [];
  for (const codec of ['zstd', 'none'] as const) {
    let batch: Batch | undefined;
    let bytes = 0;
    for (const file of files) {
      if (layer.codec(file.path) !== codec || file.bytes > maxFileBytes) continue;
      if (batch === undefined || bytes + file.bytes > frameBytes) {
        batch = { codec, files: [] };
        bytes = 0;
        result.push(batch);
      }
      batch.files.push(file);
      bytes += file.bytes;
    }
  }
  return result;
}

async function readAll(layer: Layer, files: readonly LayerFile[]): Promise<PackedFile[]> {
  const read = await Promise.all(
    files.map(async (file) => ({
      path: file.path,
      // A file that vanished since it was listed is left out.
      content: await fs
        .readFile(path.join(layer.folder, ...file.path.split('/')))
        .catch(() => undefined),
    })),
  );
  return read.flatMap(({ path: name, content }) =>
    content !== undefined && layer.isIntact(name, content) ? [{ path: name, content }] : [],
  );
}

/** Packs and uploads at the same time; returns the size of the blob. */
async function upload(
  ports: CachePorts,
  url: string,
  layer: Layer,
  files: readonly LayerFile[],
  report: SaveReport,
): Promise<number> {
  const frames: FrameInfo[] = [];
  const blocks: number[] = [];
  const pending = new Set<Promise<void>>();
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let rawBytes = 0;
  let total = 0;
  const flush = async (): Promise<void> => {
    if (waitingBytes === 0) return;
    const index = blocks.length + 1;
    blocks.push(index);
    const body = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    total += body.length;
    const sent = putBlock(ports, url, index, body);
    pending.add(sent);
    sent.then(
      () => pending.delete(sent),
      () => undefined,
    );
    if (pending.size >= uploads) await Promise.race(pending);
  };
  const queue = batches(layer, files).values();
  const work = async (): Promise<void> => {
    for (const batch of queue) {
      ports.signal.throwIfAborted();
      const content = await readAll(layer, batch.files);
      const { info, body } = await encodeFrame(content, batch.codec);
      // From here to the flush nothing waits: the order of frames is that of their bytes.
      frames.push(info);
      waiting.push(body);
      waitingBytes += body.length;
      rawBytes += info.rawBytes;
      report.files += content.length;
      if (waitingBytes >= blockBytes) await flush();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: packers }, work));
  await flush();
  ends.push(...(await Promise.allSettled(pending)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  const header = encodeHeader({ files: report.files, rawBytes, frames });
  await putBlock(ports, url, 0, Buffer.from(header));
  await commitBlocks(ports, url, [0, ...blocks]);
  return total + header.length;
}

/**
 * Saves `files` of a layer under `key`. The key is asked for first: nothing is packed when another job
 * has it or this run may only read.
 */
export async function saveLayer(
  ports: CachePorts,
  service: CacheService,
  layer: Layer,
  key: string,
  files: readonly LayerFile[],
): Promise<SaveReport> {
  const startedMs = ports.clock.now();
  const report: SaveReport = {
    layer: layer.name,
    outcome: 'failed',
    key,
    bytes: 0,
    files: 0,
    durationMs: 0,
  };
  try {
    const reservation = await service.reserve(key, packVersion);
    if (reservation.kind === 'reserved') {
      const accepted = files.filter((file) => layer.accepts(file.path));
      report.bytes = await upload(ports, reservation.url, layer, accepted, report);
      await service.finalize(key, packVersion, report.bytes);
      report.outcome = 'saved';
    } else {
      report.outcome = reservation.kind;
      if (reservation.kind === 'denied') report.why = reservation.why;
    }
  } catch (error) {
    ports.signal.throwIfAborted();
    report.outcome = 'failed';
    report.why = errorMessage(error);
  }
  report.durationMs = ports.clock.now() - startedMs;
  return report;
}
