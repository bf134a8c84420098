import * as fs from 'node:fs';
import path from 'node:path';
import { errorMessage, formatSize } from '@slipway/runtime';
import { readBlobRange } from './blob.ts';
import type { CachePorts } from './cache-ports.ts';
import type { CacheService } from './cache-service.ts';
import type { Layer } from './layer.ts';
import { decodeFrame, decodeHeader, packVersion, type FrameInfo } from './pack.ts';

const firstRangeBytes = 4 * 1024 * 1024;
const rangeBytes = 8 * 1024 * 1024;
const connections = 4;
/** Too little data to judge a connection by. */
const judgeAfterMs = 1_000;

/** What a restore did. Restoring never throws, except when the job is cancelled. */
export interface RestoreReport {
  layer: Layer['name'];
  outcome: 'restored' | 'miss' | 'abandoned' | 'failed';
  /** Of the entry found. */
  key?: string;
  /** Whether the entry is the exact one that was asked for. */
  exact: boolean;
  bytes: number;
  files: number;
  durationMs: number;
  /** Why it was abandoned or failed. */
  why?: string;
  /** Files of the entry that were not what they must be, and were left out. */
  damaged: number;
  /** Paths that are in the entry, for judging later what is new. */
  paths: string[];
}

class AbandonedError extends Error {}

interface Span {
  start: number;
  frames: FrameInfo[];
  bytes: number;
}

/** Frames joined into ranges that are worth a request each; those that are here already stay apart. */
function spansOf(frames: readonly FrameInfo[], start: number, here: number): Span[] {
  const spans: Span[] = [];
  let at = start;
  for (const frame of frames) {
    const last = spans.at(-1);
    const end = at + frame.bytes;
    const joins = last !== undefined && last.start + last.bytes <= here === end <= here;
    if (joins && last.bytes + frame.bytes <= rangeBytes) {
      last.frames.push(frame);
      last.bytes += frame.bytes;
    } else spans.push({ start: at, frames: [frame], bytes: frame.bytes });
    at = end;
  }
  return spans;
}

/** Writes files that are not there yet. Synchronous: for small files that is the quickest way by far. */
function writer(layer: Layer, report: RestoreReport) {
  const made = new Set<string>();
  const timeSeconds =
    layer.restoredMtimeMs === undefined ? undefined : layer.restoredMtimeMs / 1000;
  return (file: string, content: Buffer): void => {
    if (!layer.accepts(file)) return;
    if (!layer.isIntact(file, content)) {
      report.damaged += 1;
      return;
    }
    const target = path.join(layer.folder, ...file.split('/'));
    const folder = path.dirname(target);
    if (!made.has(folder)) {
      fs.mkdirSync(folder, { recursive: true });
      made.add(folder);
    }
    report.paths.push(file);
    let handle: number;
    try {
      handle = fs.openSync(target, 'wx', 0o644);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
      throw error;
    }
    try {
      for (let at = 0; at < content.length;) at += fs.writeSync(handle, content, at);
      if (timeSeconds !== undefined) fs.futimesSync(handle, timeSeconds, timeSeconds);
    } finally {
      fs.closeSync(handle);
    }
    report.files += 1;
  };
}

async function unpack(
  ports: CachePorts,
  url: string,
  layer: Layer,
  report: RestoreReport,
): Promise<void> {
  const startedMs = ports.clock.now();
  const stop = new AbortController();
  const inner = { ...ports, signal: AbortSignal.any([ports.signal, stop.signal]) };
  const count = (bytes: number): void => {
    report.bytes += bytes;
  };
  const first = await readBlobRange(inner, url, 0, firstRangeBytes - 1, count);
  const decoded = decodeHeader(first.bytes);
  if (decoded === undefined) throw new Error('the header of the pack is too long');
  const { header, bytes: bodyStart } = decoded;
  const worthMs = layer.worthMs(header.rawBytes);
  const judge = (): void => {
    const elapsedMs = ports.clock.now() - startedMs;
    const predictedMs = (elapsedMs / report.bytes) * first.totalBytes;
    if (elapsedMs < judgeAfterMs || predictedMs <= worthMs || report.bytes >= first.totalBytes)
      return;
    stop.abort(
      new AbandonedError(
        `restoring ${formatSize(first.totalBytes)} would take about ${Math.ceil(predictedMs / 1000)} s at this speed, doing without about ${Math.ceil(worthMs / 1000)} s`,
      ),
    );
  };
  judge();
  const write = writer(layer, report);
  const place = async (frame: FrameInfo, body: Buffer): Promise<void> => {
    for (const { path: file, content } of await decodeFrame(frame, body)) write(file, content);
  };
  const spans = spansOf(header.frames, bodyStart, first.bytes.length).values();
  const work = async (): Promise<void> => {
    for (const span of spans) {
      const end = span.start + span.bytes;
      const body =
        end <= first.bytes.length
          ? first.bytes.subarray(span.start, end)
          : (await readBlobRange(inner, url, span.start, end - 1, count)).bytes;
      let at = 0;
      for (const frame of span.frames) {
        inner.signal.throwIfAborted();
        await place(frame, body.subarray(at, at + frame.bytes));
        at += frame.bytes;
      }
    }
  };
  // A body that trickles is noticed also while a single range is on its way.
  const timer = ports.clock.every(500, judge);
  try {
    const ends = await Promise.allSettled(
      Array.from({ length: connections }, () =>
        work().catch((error: unknown) => {
          stop.abort(error);
          throw error;
        }),
      ),
    );
    if (stop.signal.aborted && stop.signal.reason instanceof AbandonedError)
      throw stop.signal.reason;
    for (const end of ends) if (end.status === 'rejected') throw stop.signal.reason ?? end.reason;
  } finally {
    timer.stop();
  }
}

/**
 * Looks a layer up by `keys` (the first is the exact one) and unpacks it while it arrives. What a cut
 * connection or a damaged frame left written stays: every file is whole and of use by itself.
 */
export async function restoreLayer(
  ports: CachePorts,
  service: CacheService,
  layer: Layer,
  keys: readonly string[],
): Promise<RestoreReport> {
  const startedMs = ports.clock.now();
  const report: RestoreReport = {
    layer: layer.name,
    outcome: 'miss',
    exact: false,
    bytes: 0,
    files: 0,
    damaged: 0,
    durationMs: 0,
    paths: [],
  };
  try {
    const found = await service.find(keys, packVersion);
    if (found !== undefined) {
      report.key = found.key;
      await unpack(ports, found.url, layer, report);
      report.outcome = 'restored';
      report.exact = found.key === keys[0];
    }
  } catch (error) {
    ports.signal.throwIfAborted();
    report.outcome = error instanceof AbandonedError ? 'abandoned' : 'failed';
    report.why = errorMessage(error);
  }
  report.durationMs = ports.clock.now() - startedMs;
  return report;
}
