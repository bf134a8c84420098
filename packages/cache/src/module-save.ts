import * as fs from 'node:fs/promises';
import {
  cacheablePaths,
  type GoCacheState,
  type LayerContents,
  type LayerState,
} from './go-caches.ts';
import {
  downloadedSince,
  isPrivateModule,
  moduleLayer,
  moduleOfPath,
  presentModules,
  type LayerFile,
} from './layer/index.ts';
import type { RestoredPack } from './restore-report.ts';
import type { LayerSave } from './layer-save.ts';
import { joinPacks } from './pack-joining.ts';
import { spentMs } from './worth/index.ts';

/** File systems take their times from a clock that lags by some milliseconds. */
const clockLagMs = 1_000;

/** Tools of so many jobs stay in a manifest: legs of a matrix that changes all the time are many. */
const mostToolJobs = 20;

/** What main restored of a layer. */
export async function layerContents(state: LayerState): Promise<LayerContents> {
  const text = await fs.readFile(state.packsFile, 'utf8').catch(() => undefined);
  return text === undefined ? { packs: [], tools: {} } : (JSON.parse(text) as LayerContents);
}

/** Keys of packs that are of no use as they are. */
export const damagedKeys = (packs: readonly RestoredPack[]): Set<string> =>
  new Set(packs.filter(({ isDamaged }) => isDamaged === true).map(({ pack }) => pack.key));

/**
 * What jobs download that go.sum does not name: tools, by `go install TOOL@VERSION`. A tool that this job downloaded
 * goes before any other version of it, and this job before others.
 */
async function installedTools(
  { modules, job, startMs, privatePatterns, checksTools }: GoCacheState,
  tools: LayerContents['tools'],
  named: ReadonlySet<string>,
): Promise<Record<string, string[]>> {
  if (!checksTools) return {};
  const fresh = (await downloadedSince(modules.folder, startMs - clockLagMs))
    .map((file) => file.path)
    .filter((file) => !named.has(file))
    .filter((file) => !isPrivateModule(moduleOfPath(file), privatePatterns))
    .filter((file) => moduleOfPath(file) !== 'golang.org/toolchain');
  const renewed = new Set(fresh.map(moduleOfPath));
  const before = (tools[job] ?? []).filter((file) => !renewed.has(moduleOfPath(file)));
  const all = [...new Set([...before, ...fresh])];
  const others = Object.entries(tools).filter(([other]) => other !== job);
  if (all.length === 0) return Object.fromEntries(others.slice(-mostToolJobs));
  return Object.fromEntries([...others.slice(1 - mostToolJobs), [job, all]]);
}

/** What is to be saved of the modules, or why nothing. */
export async function moduleSave(state: GoCacheState): Promise<LayerSave | string> {
  const { modules } = state;
  const texts = await Promise.all(
    state.goSumFiles.map((file) => fs.readFile(file, 'utf8').catch(() => '')),
  );
  const paths = cacheablePaths(texts, state.privatePatterns);
  const { packs, tools: toolsBefore } = await layerContents(modules);
  const tools = await installedTools(state, toolsBefore, new Set(paths));
  const needed = [...paths, ...(tools[state.job] ?? [])];
  const present = presentModules(modules.folder, needed);
  const stored = new Set(packs.flatMap((restored) => restored.paths));
  const files = present.filter((file) => !stored.has(file.path));
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
  const isSent = ({ path: file }: LayerFile): boolean => joined.has(file) || !stored.has(file);
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
