import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { errorMessage, type Clock } from '@slipway/runtime';
import type { Layer, LayerFile } from './layer/index.ts';
import { packKey } from './layer-key.ts';
import {
  indexName,
  packFiles,
  packIndex,
  type ListedPack,
  type Manifest,
  type PackClass,
} from './pack/index.ts';
import type { Stored, Transfer } from './transfer/index.ts';
import { waitPatiently } from './worth/index.ts';

const quietMs = 8_000;
/** Saving is given at least this long: it also serves runs after the next one. */
const leastSaveMs = 5_000;
const leastMs = 15_000;

/** What a save did. Saving never throws, except when the job is cancelled. */
export interface SaveReport {
  layer: Layer['name'];
  outcome: 'saved' | 'taken' | 'denied' | 'failed' | 'skipped';
  /** Of the manifest. */
  key?: string;
  /** Of archives that were sent. */
  bytes: number;
  files: number;
  durationMs: number;
  why?: string;
  /** Files that the job used or made, and those of them that were restored. */
  used?: { all: number; restored: number };
}

interface Ports {
  clock: Clock;
  transfer: Transfer;
}

/** What is to be saved of a layer. */
export interface LayerSave {
  layer: Layer;
  /** What no entry has. */
  files: readonly LayerFile[];
  /** What making `files` took, and so what saving them may take. */
  worthMs: number;
  kind: PackClass;
  /** Packs that stay in the manifest. */
  kept: readonly ListedPack[];
  /** Keys of entries that are there and of no use: the new pack gets another. */
  damaged: ReadonlySet<string>;
  jobs: readonly string[];
  tools: Manifest['tools'];
  manifestPrefix: string;
  used: { all: number; restored: number };
  /** Whether the manifest tells the files of the new pack. */
  tellsContents: boolean;
}

/** Sends one entry, for as long as it is worth. */
async function send(
  { clock, transfer }: Ports,
  entry: { key: string; folder: string; worthMs: number },
): Promise<Stored> {
  const before = transfer.traffic().sent;
  const sent = (): number => transfer.traffic().sent - before;
  const patience = {
    what: 'saving',
    worthMs: Math.max(entry.worthMs, leastSaveMs),
    leastMs,
    quietMs,
    progress: () => {
      const total = transfer.packedBytes();
      // Packing is progress too; only what is packed can be judged by the link.
      return sent() > 16_384 && total > 0 ? { done: sent(), total } : { done: sent() + total };
    },
  };
  try {
    return await waitPatiently(clock, patience, transfer.store(entry.key, entry.folder));
  } catch (error) {
    return { kind: 'failed', why: errorMessage(error) };
  }
}

/** Whether an entry is there already; `failed` when the service does not say in time. */
async function look({ clock, transfer }: Ports, key: string): Promise<Stored | 'absent'> {
  const patience = {
    what: 'asking for an entry',
    leastMs,
    quietMs,
    progress: () => ({ done: transfer.traffic().received }),
  };
  try {
    return (await waitPatiently(clock, patience, transfer.exists(key)))
      ? { kind: 'taken' }
      : 'absent';
  } catch (error) {
    return { kind: 'failed', why: errorMessage(error) };
  }
}

/** Saves the files that no entry has as a pack. */
async function savePack(
  ports: Ports,
  save: LayerSave,
): Promise<{ stored: Stored; pack?: ListedPack }> {
  const { transfer } = ports;
  const folder = transfer.departure();
  const files = packFiles(save.layer, save.files, folder);
  let index = packIndex(files);
  if (save.damaged.has(packKey(save.kind, index)))
    index = packIndex(files, randomBytes(8).toString('hex'));
  const key = packKey(save.kind, index);
  fs.writeFileSync(path.join(folder, indexName(key)), index);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  // Asked before anything is packed: of many jobs that made the same, one saves it.
  const before = await look(ports, key);
  const stored =
    before === 'absent' ? await send(ports, { key, folder, worthMs: save.worthMs }) : before;
  if (stored.kind !== 'stored' && stored.kind !== 'taken') return { stored };
  const pack: ListedPack = {
    key,
    bytes,
    files: files.length,
    worthMs: save.worthMs,
    idle: 0,
    packedBytes: stored.kind === 'stored' ? stored.packedBytes : bytes,
    ...(save.tellsContents
      ? { contents: files.map((file): [string, number] => [file.path, file.bytes]) }
      : {}),
  };
  return { stored, pack };
}

async function saveManifest(ports: Ports, prefix: string, manifest: Manifest) {
  const key = `${prefix}${ports.clock.now().toString(36)}${randomBytes(4).toString('hex')}`;
  const folder = ports.transfer.departure();
  fs.writeFileSync(path.join(folder, indexName(key)), JSON.stringify(manifest));
  return { key, stored: await send(ports, { key, folder, worthMs: leastSaveMs }) };
}

/** Saves what no entry has, and then the manifest that lists it beside what is kept. */
export async function saveLayer(ports: Ports, save: LayerSave): Promise<SaveReport> {
  const startedMs = ports.clock.now();
  const report: SaveReport = {
    layer: save.layer.name,
    outcome: 'failed',
    bytes: 0,
    files: 0,
    durationMs: 0,
    used: save.used,
  };
  const packs = [...save.kept];
  let last: Stored | undefined;
  if (save.files.length > 0) {
    const { stored, pack } = await savePack(ports, save);
    last = stored;
    if (pack !== undefined) {
      packs.push(pack);
      report.files = pack.files;
      report.bytes = stored.kind === 'stored' ? stored.packedBytes : 0;
    }
  }
  if (last === undefined || last.kind === 'stored' || last.kind === 'taken') {
    const { key, stored } = await saveManifest(ports, save.manifestPrefix, {
      packs,
      jobs: [...save.jobs],
      tools: save.tools,
    });
    report.key = key;
    last = stored;
  }
  report.outcome = last.kind === 'stored' ? 'saved' : last.kind;
  if (last.kind === 'failed') report.why = last.why;
  report.durationMs = ports.clock.now() - startedMs;
  return report;
}
