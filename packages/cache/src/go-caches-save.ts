import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '@slipway/runtime';
import { mayList, type GoCacheState } from './go-caches.ts';
import { buildLayer, usedObjects, type LayerFile } from './layer/index.ts';
import type { RestoredPack } from './restore-report.ts';
import { saveLayer, type LayerSave, type SaveReport } from './layer-save.ts';
import { damagedKeys, layerContents, moduleSave } from './module-save.ts';
import { joinPacks } from './pack-joining.ts';
import type { Transfer } from './transfer/index.ts';
import { spentMs } from './worth/index.ts';

/** Below both, what is new is not worth an entry: the next run makes it again, and loses next to nothing. */
const worthwhileMs = 1_000;
const worthwhileBytes = 1_000_000;
/** A pack of which nothing was used for so many manifests in a row is left out of the next. */
const mostIdle = 3;
/** They have about 180. */
const longestActionBytes = 1_000;

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

/** When results were made, as they say themselves: `v1 ACTION OUTPUT SIZE NANOSECONDS` (go/src/cmd/go/internal/cache). */
function makingTimes(folder: string, files: readonly LayerFile[]): number[] {
  const times: number[] = [];
  for (const { path: file, bytes } of files) {
    if (!file.endsWith('-a') || bytes > longestActionBytes) continue;
    const text = textOf(path.join(folder, file));
    const nanoseconds = /^v1 [0-9a-f]{64} [0-9a-f]{64} +\d+ +(\d+)\n$/.exec(text)?.[1];
    if (nanoseconds !== undefined) times.push(Number(nanoseconds) / 1e6);
  }
  return times;
}

/** Empty for a file that vanished since it was listed. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

/** The packs that the next manifest may keep, with how long each has been idle. */
function stillUsed(
  packs: readonly RestoredPack[],
  used: ReadonlyMap<string, number>,
): RestoredPack[] {
  return packs
    .map(({ pack, paths, ...rest }) => {
      const idle = paths.some((file) => used.has(file)) ? 0 : pack.idle + 1;
      return { pack: { ...pack, idle }, paths, ...rest };
    })
    .filter(({ pack }) => pack.idle <= mostIdle);
}

async function buildSave(state: GoCacheState): Promise<LayerSave | string> {
  const { build } = state;
  const layer = buildLayer(build.folder, { startMs: state.startMs });
  const used = await usedObjects(build.folder, state.startMs);
  const { packs } = await layerContents(build);
  const known = new Set(packs.flatMap((restored) => restored.paths));
  const fresh = used.filter((file) => !known.has(file.path));
  const worthMs = spentMs(makingTimes(build.folder, fresh));
  const damaged = damagedKeys(packs);
  if (fresh.length === 0 && damaged.size === 0) return 'nothing new was compiled';
  if (build.found && damaged.size === 0 && worthMs < worthwhileMs && sumOf(fresh) < worthwhileBytes)
    return 'hardly anything new was compiled';
  const sizes = new Map(used.map((file) => [file.path, file.bytes]));
  const listable = packs.filter(({ pack }) => mayList(build.kind, pack.key));
  const { kept, joined, joinedWorthMs } = joinPacks(stillUsed(listable, sizes), sizes);
  return {
    layer,
    kind: build.kind,
    jobs: [],
    tools: {},
    manifestPrefix: build.manifestPrefix,
    files: used.filter((file) => joined.has(file.path) || !known.has(file.path)),
    worthMs: worthMs + joinedWorthMs,
    kept,
    damaged,
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
