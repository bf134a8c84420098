import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@slipway/runtime';
import { cacheablePaths, mayList, type GoCacheState, type LayerState } from './go-caches.ts';
import {
  buildLayer,
  moduleLayer,
  presentModules,
  usedObjects,
  type LayerFile,
} from './layer/index.ts';
import type { RestoredPack } from './layer-restore.ts';
import { saveLayer, type LayerSave, type SaveReport } from './layer-save.ts';
import { joinPacks } from './pack-joining.ts';
import type { Transfer } from './transfer/index.ts';
import { spentMs } from './worth/index.ts';

/** Below both, what is new is not worth an entry: the next run makes it again, and loses next to nothing. */
const worthwhileMs = 1_000;
const worthwhileBytes = 1_000_000;
/** A pack of which nothing was used for so many manifests in a row is left out of the next. */
const mostIdle = 3;

interface Ports {
  clock: Clock;
  transfer: Transfer;
}

const skipped = (layer: SaveReport['layer'], why: string): SaveReport => ({
  layer,
  outcome: 'skipped',
  bytes: 0,
  files: 0,
  durationMs: 0,
  why,
});

const sumOf = (files: readonly { bytes: number }[]): number =>
  files.reduce((total, { bytes }) => total + bytes, 0);

async function restoredPacks(state: LayerState): Promise<RestoredPack[]> {
  const text = await fs.readFile(state.packsFile, 'utf8').catch(() => '[]');
  return JSON.parse(text) as RestoredPack[];
}

async function moduleSave(state: GoCacheState): Promise<LayerSave | string> {
  const { modules } = state;
  const texts = await Promise.all(
    state.goSumFiles.map((file) => fs.readFile(file, 'utf8').catch(() => '')),
  );
  const paths = cacheablePaths(texts, state.privatePatterns);
  const present = await presentModules(modules.folder, paths);
  const packs = await restoredPacks(modules);
  const known = new Set(packs.flatMap((restored) => restored.paths));
  const files = present.filter((file) => !known.has(file.path));
  const isNew = files.some((file) => file.path.endsWith('.zip'));
  if (!isNew && !modules.found) return 'no modules downloaded';
  if (!isNew && modules.jobs.includes(state.job)) return 'nothing new';
  // A pack of which go.sum names nothing any more serves other go.sum files; theirs list it.
  const named = new Set(paths);
  const naming = packs.filter((restored) => restored.paths.some((file) => named.has(file)));
  const sizes = new Map(present.map((file) => [file.path, file.bytes]));
  const all = { kept: naming.map(({ pack }) => pack), joined: new Set<string>(), joinedWorthMs: 0 };
  const { kept, joined, joinedWorthMs } = isNew ? joinPacks(naming, sizes) : all;
  const isSent = ({ path: file }: LayerFile): boolean => joined.has(file) || !known.has(file);
  const times = files.map(({ timeMs }) => timeMs).filter((timeMs) => timeMs >= state.startMs);
  return {
    layer: moduleLayer(modules.folder),
    kind: 'modules',
    kept,
    files: isNew ? present.filter(isSent) : [],
    worthMs: spentMs(times) + joinedWorthMs,
    // Who had to fetch something needs more than the other jobs found; they need no more than before.
    jobs: [...new Set([...modules.jobs, state.job])],
    manifestPrefix: modules.manifestPrefix,
    tellsContents: true,
    used: { all: present.length, restored: present.length - files.length },
  };
}

/** When results were made, as they say themselves: `v1 ACTION OUTPUT SIZE NANOSECONDS` (go/src/cmd/go/internal/cache). */
async function makingTimes(folder: string, files: readonly LayerFile[]): Promise<number[]> {
  const times: number[] = [];
  for (const { path: file } of files) {
    if (!file.endsWith('-a')) continue;
    const text = await fs.readFile(path.join(folder, file), 'latin1').catch(() => '');
    const nanoseconds = /^v1 [0-9a-f]{64} [0-9a-f]{64} +\d+ +(\d+)\n$/.exec(text)?.[1];
    if (nanoseconds !== undefined) times.push(Number(nanoseconds) / 1e6);
  }
  return times;
}

/** The packs that the next manifest may keep, with how long each has been idle. */
function stillUsed(
  packs: readonly RestoredPack[],
  used: ReadonlyMap<string, number>,
): RestoredPack[] {
  return packs
    .map(({ pack, paths }) => {
      const idle = paths.some((file) => used.has(file)) ? 0 : pack.idle + 1;
      return { pack: { ...pack, idle }, paths };
    })
    .filter(({ pack }) => pack.idle <= mostIdle);
}

async function buildSave(state: GoCacheState): Promise<LayerSave | string> {
  const { build } = state;
  const layer = buildLayer(build.folder, { startMs: state.startMs });
  const used = await usedObjects(build.folder, state.startMs);
  const packs = await restoredPacks(build);
  const known = new Set(packs.flatMap((restored) => restored.paths));
  const fresh = used.filter((file) => !known.has(file.path));
  const worthMs = spentMs(await makingTimes(build.folder, fresh));
  if (fresh.length === 0) return 'nothing new was compiled';
  if (build.found && worthMs < worthwhileMs && sumOf(fresh) < worthwhileBytes)
    return 'hardly anything new was compiled';
  const sizes = new Map(used.map((file) => [file.path, file.bytes]));
  const listable = packs.filter(({ pack }) => mayList(build.kind, pack.key));
  const { kept, joined, joinedWorthMs } = joinPacks(stillUsed(listable, sizes), sizes);
  return {
    layer,
    kind: build.kind,
    jobs: [],
    manifestPrefix: build.manifestPrefix,
    files: used.filter((file) => joined.has(file.path) || !known.has(file.path)),
    worthMs: worthMs + joinedWorthMs,
    kept,
    tellsContents: false,
    used: { all: used.length, restored: used.length - fresh.length },
  };
}

/** Saves what is worth it, one layer after the other. A cache fails no job. */
export async function saveGoCaches(ports: Ports, state: GoCacheState): Promise<SaveReport[]> {
  const reports: SaveReport[] = [];
  const plans = [
    ['build', state.build, buildSave],
    ['modules', state.modules, moduleSave],
  ] as const;
  for (const [name, { blocked }, plan] of plans) {
    const save = blocked === '' ? await plan(state) : blocked;
    const report = typeof save === 'string' ? skipped(name, save) : await saveLayer(ports, save);
    reports.push(report);
    // What one layer met, the other would meet as well.
    if (report.outcome === 'denied' || report.outcome === 'failed') break;
  }
  return reports;
}
