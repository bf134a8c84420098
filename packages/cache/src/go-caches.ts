import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { buildLayer, isWarmBuildCache, usedObjects } from './build-layer.ts';
import type { CachePorts } from './cache-ports.ts';
import type { CacheService } from './cache-service.ts';
import type { GoSumFile } from './go-sum-files.ts';
import { buildKeys, contentDigest, moduleKeys, type BuildKeyParts } from './layer-key.ts';
import { restoreLayer, type RestoreReport } from './layer-restore.ts';
import { saveLayer, type SaveReport } from './layer-save.ts';
import {
  downloadedModules,
  isPrivateModule,
  moduleLayer,
  readGoSum,
  type SummedModule,
} from './module-layer.ts';

/** What a job caches. */
export interface GoCachePlan {
  moduleFolder: string;
  buildFolder: string;
  /** Whether build results are restored and saved at all. */
  cachesBuild: boolean;
  /** Empty when modules need no cache: nothing is required, or all of it is vendored. */
  goSums: readonly GoSumFile[];
  build: BuildKeyParts;
  cores: number;
  /** GOPRIVATE's patterns: modules that never enter a cache entry, which pull requests can read. */
  privatePatterns: string;
  /** A folder that the runner empties. */
  tempDir: string;
}

/** What main leaves for post. Plain data, no secrets. */
export interface GoCacheState {
  startMs: number;
  moduleFolder: string;
  buildFolder: string;
  cores: number;
  goSumFiles: string[];
  moduleKey: string;
  /** The exact entry is there already. */
  modulesDone: boolean;
  /** Empty when build results are not saved. */
  buildPrefix: string;
  privatePatterns: string;
  /** A file with the paths that the build layer's entry had, one a line. */
  restoredFile: string;
}

/** Below this much new compiler output the entry that exists is fresh enough. */
const worthwhileBytes = 1_000_000;
const worthwhileShare = 0.03;

const cacheable = (goSums: readonly GoSumFile[], privatePatterns: string): SummedModule[] =>
  goSums
    .flatMap(({ text }) => readGoSum(text))
    .filter(({ module }) => !isPrivateModule(module, privatePatterns))
    .filter(({ module }) => module !== 'golang.org/toolchain');

/** Restores both layers at the same time. Throws only when the job is cancelled. */
export async function restoreGoCaches(
  ports: CachePorts,
  service: CacheService | undefined,
  plan: GoCachePlan,
): Promise<{ modules?: RestoreReport; build?: RestoreReport; state: GoCacheState }> {
  const startMs = ports.clock.now();
  const [moduleKey, ...moduleFallbacks] = moduleKeys(plan.goSums.map(({ text }) => text));
  const keys = buildKeys(plan.build);
  const layer = buildLayer(plan.buildFolder, { startMs, cores: plan.cores });
  const warm = await isWarmBuildCache(plan.buildFolder);
  if (warm)
    ports.log.info(
      `The build cache is warm already (${plan.buildFolder}): earlier jobs on this machine filled it.`,
    );
  const [modules, build] = await Promise.all([
    service === undefined || plan.goSums.length === 0
      ? undefined
      : restoreLayer(ports, service, moduleLayer(plan.moduleFolder), [
          moduleKey,
          ...moduleFallbacks,
        ]),
    service === undefined || warm || !plan.cachesBuild
      ? undefined
      : restoreLayer(ports, service, layer, keys.lookup),
  ]);
  const name = `slipway-go-cache-${randomBytes(6).toString('hex')}.txt`;
  const restoredFile = path.join(plan.tempDir, name);
  await fs.writeFile(restoredFile, (build?.paths ?? []).join('\n'));
  const state: GoCacheState = {
    startMs,
    moduleKey,
    buildPrefix: plan.cachesBuild ? keys.prefix : '',
    restoredFile,
    moduleFolder: plan.moduleFolder,
    buildFolder: plan.buildFolder,
    cores: plan.cores,
    goSumFiles: plan.goSums.map(({ file }) => file),
    modulesDone: plan.goSums.length === 0 || modules?.exact === true,
    privatePatterns: plan.privatePatterns,
  };
  return {
    state,
    ...(modules === undefined ? {} : { modules }),
    ...(build === undefined ? {} : { build }),
  };
}

function skipped(layer: SaveReport['layer'], why: string): SaveReport {
  return { layer, outcome: 'skipped', bytes: 0, files: 0, durationMs: 0, why };
}

async function saveModules(
  ports: CachePorts,
  service: CacheService,
  state: GoCacheState,
): Promise<SaveReport> {
  if (state.modulesDone) return skipped('modules', 'nothing new');
  const goSums = await Promise.all(
    state.goSumFiles.map(async (file) => ({
      file,
      text: await fs.readFile(file, 'utf8').catch(() => ''),
    })),
  );
  const modules = cacheable(goSums, state.privatePatterns);
  const files = await downloadedModules(state.moduleFolder, modules);
  if (!files.some((file) => file.path.endsWith('.zip')))
    return skipped('modules', 'no modules downloaded');
  const layer = moduleLayer(state.moduleFolder);
  return saveLayer(ports, service, layer, state.moduleKey, files);
}

async function saveBuild(
  ports: CachePorts,
  service: CacheService,
  state: GoCacheState,
): Promise<SaveReport> {
  if (state.buildPrefix === '') return skipped('build', 'build-cache is off');
  const used = await usedObjects(state.buildFolder, state.startMs);
  const known = new Set(
    (await fs.readFile(state.restoredFile, 'utf8').catch(() => '')).split('\n'),
  );
  const sum = (files: typeof used): number => files.reduce((total, { bytes }) => total + bytes, 0);
  const fresh = used.filter((file) => !known.has(file.path));
  if (sum(fresh) < Math.max(worthwhileBytes, sum(used) * worthwhileShare))
    return skipped('build', 'hardly anything new was compiled');
  const layer = buildLayer(state.buildFolder, { startMs: state.startMs, cores: state.cores });
  const key = state.buildPrefix + contentDigest(used.map((file) => file.path));
  return saveLayer(ports, service, layer, key, used);
}

/** Saves what is worth it, one layer after the other. Throws only when the job is cancelled. */
export async function saveGoCaches(
  ports: CachePorts,
  service: CacheService,
  state: GoCacheState,
): Promise<SaveReport[]> {
  const build = await saveBuild(ports, service, state);
  if (build.outcome === 'denied') return [build];
  return [build, await saveModules(ports, service, state)];
}

/** Whether a value that came back from the runner is a state that `restoreGoCaches` made. */
export function isGoCacheState(value: unknown): value is GoCacheState {
  const state = value as Partial<GoCacheState> | null;
  return (
    typeof state === 'object' &&
    state !== null &&
    typeof state.startMs === 'number' &&
    typeof state.moduleFolder === 'string' &&
    typeof state.buildFolder === 'string' &&
    typeof state.restoredFile === 'string' &&
    Array.isArray(state.goSumFiles)
  );
}
