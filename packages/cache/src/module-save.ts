import * as fs from 'node:fs/promises';
import { cacheablePaths, type GoCacheState, type LayerState } from './go-caches.ts';
import {
  downloadedSince,
  isPrivateModule,
  moduleLayer,
  moduleOfPath,
  presentModules,
  type LayerFile,
} from './layer/index.ts';
import type { RestoredPack } from './layer-restore.ts';
import type { LayerSave } from './layer-save.ts';
import { joinPacks } from './pack-joining.ts';
import { spentMs } from './worth/index.ts';

/** File systems take their times from a clock that lags by some milliseconds. */
const clockLagMs = 1_000;

/** What main restored of a layer. */
export async function restoredPacks(state: LayerState): Promise<RestoredPack[]> {
  const text = await fs.readFile(state.packsFile, 'utf8').catch(() => '[]');
  return JSON.parse(text) as RestoredPack[];
}

/** Keys of packs that are of no use as they are. */
export const damagedKeys = (packs: readonly RestoredPack[]): Set<string> =>
  new Set(packs.filter(({ isDamaged }) => isDamaged === true).map(({ pack }) => pack.key));

/**
 * What jobs download that go.sum does not name: tools, by `go install TOOL@VERSION`. A tool that this job downloaded
 * goes before any other version of it.
 */
async function installedTools(
  { modules, job, startMs, privatePatterns, checksTools }: GoCacheState,
  named: ReadonlySet<string>,
): Promise<Record<string, string[]>> {
  if (!checksTools) return {};
  const fresh = (await downloadedSince(modules.folder, startMs - clockLagMs))
    .map((file) => file.path)
    .filter((file) => !named.has(file))
    .filter((file) => !isPrivateModule(moduleOfPath(file), privatePatterns))
    .filter((file) => moduleOfPath(file) !== 'golang.org/toolchain');
  const renewed = new Set(fresh.map(moduleOfPath));
  const before = (modules.tools[job] ?? []).filter((file) => !renewed.has(moduleOfPath(file)));
  const all = [...new Set([...before, ...fresh])];
  return all.length === 0 ? modules.tools : { ...modules.tools, [job]: all };
}

/** What is to be saved of the modules, or why nothing. */
export async function moduleSave(state: GoCacheState): Promise<LayerSave | string> {
  const { modules } = state;
  const texts = await Promise.all(
    state.goSumFiles.map((file) => fs.readFile(file, 'utf8').catch(() => '')),
  );
  const paths = cacheablePaths(texts, state.privatePatterns);
  const tools = await installedTools(state, new Set(paths));
  const needed = [...paths, ...(tools[state.job] ?? [])];
  const present = presentModules(modules.folder, needed);
  const packs = await restoredPacks(modules);
  const known = new Set(packs.flatMap((restored) => restored.paths));
  const files = present.filter((file) => !known.has(file.path));
  const damaged = damagedKeys(packs);
  const isNew = damaged.size > 0 || files.some((file) => file.path.endsWith('.zip'));
  if (!isNew && !modules.found) return 'no modules downloaded';
  if (!isNew && modules.jobs.includes(state.job)) return 'nothing new';
  // A pack of which go.sum names nothing any more serves other go.sum files; theirs list it.
  const named = new Set(needed);
  const naming = packs.filter(
    ({ paths: has, pack }) => damaged.has(pack.key) || has.some((file) => named.has(file)),
  );
  const sizes = new Map(present.map((file) => [file.path, file.bytes]));
  const all = { kept: naming.map(({ pack }) => pack), joined: new Set<string>(), joinedWorthMs: 0 };
  const { kept, joined, joinedWorthMs } = isNew ? joinPacks(naming, sizes) : all;
  const isSent = ({ path: file }: LayerFile): boolean => joined.has(file) || !known.has(file);
  const sinceMs = state.startMs - clockLagMs;
  const times = files.map(({ timeMs }) => timeMs).filter((timeMs) => timeMs >= sinceMs);
  return {
    layer: moduleLayer(modules.folder),
    kind: 'modules',
    kept,
    damaged,
    files: isNew ? present.filter(isSent) : [],
    worthMs: spentMs(times) + joinedWorthMs,
    // Who had to fetch something needs more than the other jobs found; they need no more than before.
    jobs: [...new Set([...modules.jobs, state.job])],
    tools,
    manifestPrefix: modules.manifestPrefix,
    tellsContents: true,
    used: { all: present.length, restored: present.length - files.length },
  };
}
