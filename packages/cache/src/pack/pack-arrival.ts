import { hash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import type { Layer } from '../layer/index.ts';
import { indexName, readPackIndex, type PackedFile } from './pack-index.ts';

/** What became of the files of an entry. */
export interface Placement {
  /** Paths that are in the layer's folder now, also those that were there before. */
  paths: string[];
  /** Written by this call. */
  files: number;
  bytes: number;
  /** Not there, or not what the job that made them had. */
  damaged: number;
}

/** What lies under this name, when it is an ordinary file: an entry may bring links as well. */
function readOrdinary(file: string): Buffer | undefined {
  if (fs.lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  return fs.readFileSync(file);
}

/** The index of the entry of this key. Throws when none, or a damaged one, came with it. */
export function arrivedIndex(arrivals: string, key: string): string {
  const content = readOrdinary(path.join(arrivals, indexName(key)));
  if (content === undefined) throw new Error('the entry has no index');
  return content.toString();
}

/**
 * Gives an arrived file its place, whole or not at all, also on another file system. A second name rather than a
 * move: another entry may have the same file.
 */
function give(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch {
    const beside = `${to}.${randomUUID()}.part`;
    fs.copyFileSync(from, beside);
    fs.renameSync(beside, to);
  }
}

function contentOf(arrivals: string, file: PackedFile): Buffer | undefined {
  if (file.inline !== undefined) return Buffer.from(file.inline, 'base64');
  return readOrdinary(path.join(arrivals, file.sha256));
}

/**
 * Brings the files of an entry that arrived to their places. What is there already is left alone; a file goes in
 * only when the layer accepts its path and its content has the hash that the job gave it which made it. Throws when
 * the entry has no index that can be read.
 */
export function placeFiles(layer: Layer, arrivals: string, key: string): Placement {
  const placed: Placement = { paths: [], files: 0, bytes: 0, damaged: 0 };
  const made = new Set<string>();
  const timeSeconds =
    layer.restoredMtimeMs === undefined ? undefined : layer.restoredMtimeMs / 1000;
  for (const file of readPackIndex(arrivedIndex(arrivals, key))) {
    if (!layer.accepts(file.path)) continue;
    const target = path.join(layer.folder, ...file.path.split('/'));
    if (fs.lstatSync(target, { throwIfNoEntry: false }) !== undefined) {
      placed.paths.push(file.path);
      continue;
    }
    const content = contentOf(arrivals, file);
    const isIntact =
      content !== undefined &&
      hash('sha256', content, 'hex') === file.sha256 &&
      layer.isIntact(file.path, file.sha256);
    if (!isIntact) {
      placed.damaged += 1;
      continue;
    }
    const folder = path.dirname(target);
    if (!made.has(folder)) fs.mkdirSync(folder, { recursive: true });
    made.add(folder);
    let from = path.join(arrivals, file.sha256);
    if (file.inline !== undefined) {
      from = path.join(arrivals, randomUUID());
      fs.writeFileSync(from, content);
    }
    // Whatever mode the entry gave it.
    fs.chmodSync(from, 0o644);
    give(from, target);
    if (timeSeconds !== undefined) fs.utimesSync(target, timeSeconds, timeSeconds);
    placed.paths.push(file.path);
    placed.files += 1;
    placed.bytes += content.length;
  }
  return placed;
}
