import { hash } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import type { Layer, LayerFile } from '../layer/index.ts';
import { largestInlineBytes, type PackedFile } from './pack-index.ts';

const largestFileBytes = 512 * 1024 * 1024;

/** A second name for the file, where the file system has that; a copy elsewhere. */
function link(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch {
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE);
  }
}

/**
 * Lays files of a layer into the empty `folder` as an entry has them: each under its hash, once, small ones in the
 * index alone. Files that vanished, that are too large, or that are not what their path says are left out.
 * Synchronous: for thousands of small files that is the quickest way by far.
 */
export function packFiles(layer: Layer, files: readonly LayerFile[], folder: string): PackedFile[] {
  const packed: PackedFile[] = [];
  const laid = new Set<string>();
  for (const file of files) {
    if (!layer.accepts(file.path) || file.bytes > largestFileBytes) continue;
    const from = path.join(layer.folder, ...file.path.split('/'));
    let content: Buffer;
    try {
      content = fs.readFileSync(from);
    } catch {
      continue;
    }
    const sha256 = hash('sha256', content, 'hex');
    if (!layer.isIntact(file.path, sha256)) continue;
    const row = { path: file.path, sha256, bytes: content.length };
    if (content.length <= largestInlineBytes) {
      packed.push({ ...row, inline: content.toString('base64') });
      continue;
    }
    if (!laid.has(sha256)) link(from, path.join(folder, sha256));
    laid.add(sha256);
    packed.push(row);
  }
  return packed;
}
