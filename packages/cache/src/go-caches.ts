import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@slipway/runtime';
import type { GoSumFile } from './go-sum-files.ts';
import {
  buildLayer,
  isPrivateModule,
  isWarmBuildCache,
  moduleLayer,
  modulePaths,
  presentModules,
  readGoSum,
} from './layer/index.ts';
import { buildKeys, jobDigest, moduleKeys, type BuildKeyParts } from './layer-key.ts';
import { restoreLayers, type LayerRequest, type RestoredLayer } from './layer-restore.ts';
import { packClass, type PackClass } from './pack/index.ts';
import { emptyReport, type RestoreReport } from './restore-report.ts';
import type { Transfer } from './transfer/index.ts';

/** What a job caches. Plain data. */
export interface GoCachePlan {
  moduleFolder: string;
  buildFolder: string;
  /** Whether build results are restored and saved at all. */
  cachesBuild: boolean;
  /** Whether anything may be fetched; without it the plan is for saving alone. */
  restores: boolean;
  /** Empty when modules need no cache: nothing is required, or all of it is vendored. */
  goSums: readonly GoSumFile[];
  build: BuildKeyParts;
  /** GOPRIVATE's patterns: modules that never enter a cache entry, which pull requests can read. */
  privatePatterns: string;
  /** Whether Go checks modules that no go.sum names in the checksum database, so that a cached tool is safe. */
  checksTools: boolean;
  /** A folder that the runner empties. */
  tempDir: string;
}

/** One layer of a job, as post finds it. */
export interface LayerState {
  folder: string;
  manifestPrefix: string;
  kind: PackClass;
  /** Why nothing is to be saved; empty when something may be. */
  blocked: string;
  /** Whether a manifest was found. */
  found: boolean;
  /** A file with the `LayerContents`: the runner bounds what a state may hold (GITHUB_STATE). */
  packsFile: string;
  jobs: string[];
}

/** What main restored of a layer, and its manifest says. */
export type LayerContents = Pick<RestoredLayer, 'packs' | 'tools'>;

/** What main leaves for post. Plain data, no secrets. */
export interface GoCacheState {
  startMs: number;
  job: string;
  modules: LayerState;
  build: LayerState;
  goSumFiles: string[];
  privatePatterns: string;
  checksTools: boolean;
  tempDir: string;
}

/** What restoring Go's caches came to. */
export interface RestoredGoCaches {
  reports: RestoreReport[];
  state: GoCacheState;
}

/** Paths of all that the go.sum files name, but private modules and toolchains. */
export function cacheablePaths(texts: readonly string[], privatePatterns: string): string[] {
  const modules = texts
    .flatMap(readGoSum)
    .filter(({ module }) => !isPrivateModule(module, privatePatterns))
    .filter(({ module }) => module !== 'golang.org/toolchain');
  return [...new Set(modulePaths(modules))];
}

function moduleRequest(plan: GoCachePlan, job: string): LayerRequest {
  const keys = moduleKeys(plan.goSums);
  const paths = cacheablePaths(
    plan.goSums.map(({ text }) => text),
    plan.privatePatterns,
  );
  const present = presentModules(plan.moduleFolder, paths);
  const here = new Set(present.map((file) => file.path));
  return {
    layer: moduleLayer(plan.moduleFolder),
    lookup: keys.lookup,
    exactPrefix: keys.prefix,
    job,
    classes: ['modules'] as const,
    wanted: new Set(paths.filter((file) => !here.has(file))),
  };
}

const noLayer = (layer: RestoreReport['layer']): RestoredLayer => ({
  report: emptyReport(layer),
  packs: [],
  jobs: [],
  tools: {},
});

/** Nothing is sent over a link, or to a service, that just was too slow or broken; only an entry is replaced. */
function blockedBy({ outcome, broken, why }: RestoreReport): string {
  const isTrouble = outcome === 'abandoned' || outcome === 'failed';
  return isTrouble && broken !== 'entry' ? `restoring was given up (${why ?? ''})` : '';
}

async function layerState(
  tempDir: string,
  restored: RestoredLayer,
  state: Pick<LayerState, 'folder' | 'manifestPrefix' | 'kind' | 'blocked'>,
): Promise<LayerState> {
  const packsFile = path.join(tempDir, `slipway-packs-${randomBytes(6).toString('hex')}.json`);
  const contents: LayerContents = { packs: restored.packs, tools: restored.tools };
  await fs.writeFile(packsFile, JSON.stringify(contents));
  return {
    ...state,
    blocked: state.blocked || blockedBy(restored.report),
    found: restored.report.key !== undefined,
    packsFile,
    jobs: restored.jobs,
  };
}

/** Restores both layers at the same time. */
export async function restoreGoCaches(
  ports: { clock: Clock; transfer: Transfer },
  plan: GoCachePlan,
): Promise<RestoredGoCaches> {
  const startMs = ports.clock.now();
  const job = jobDigest(plan.build.job);
  const { trust } = plan.build;
  const keys = buildKeys(plan.build);
  const warm = await isWarmBuildCache(plan.buildFolder);
  const modules = moduleRequest(plan, job);
  const build: LayerRequest = {
    layer: buildLayer(plan.buildFolder, { startMs }),
    lookup: keys.lookup,
    exactPrefix: keys.prefix,
    job,
    classes: trust.restores,
  };
  const requests = [
    ...(plan.restores && plan.goSums.length > 0 ? [modules] : []),
    ...(plan.restores && plan.cachesBuild && !warm ? [build] : []),
  ];
  const restored = await restoreLayers(ports, requests);
  const of = (name: RestoreReport['layer']): RestoredLayer =>
    restored.find(({ report }) => report.layer === name) ?? noLayer(name);
  const blocked = warm ? 'this machine keeps its build cache' : '';
  return {
    reports: restored.map(({ report }) => report),
    state: {
      startMs,
      job,
      privatePatterns: plan.privatePatterns,
      checksTools: plan.checksTools,
      tempDir: plan.tempDir,
      goSumFiles: plan.goSums.map(({ file }) => file),
      modules: await layerState(plan.tempDir, of('modules'), {
        folder: plan.moduleFolder,
        manifestPrefix: moduleKeys(plan.goSums).prefix,
        kind: 'modules' as const,
        blocked: plan.goSums.length > 0 ? '' : 'no modules',
      }),
      build: await layerState(plan.tempDir, of('build'), {
        folder: plan.buildFolder,
        manifestPrefix: keys.prefix,
        kind: trust.saves,
        blocked: plan.cachesBuild ? blocked : 'build-cache is off',
      }),
    },
  };
}

/** Packs of the manifest that a manifest of class `kind` may list: what an open run wrote is not vouched for. */
export const mayList = (kind: PackClass, key: string): boolean =>
  packClass(key) === kind || (kind === 'open' && packClass(key) === 'protected');

/** Whether a value that came back from the runner is a state that `restoreGoCaches` made. */
export function isGoCacheState(value: unknown): value is GoCacheState {
  const state = value as Partial<GoCacheState> | null;
  const isLayer = (layer: Partial<LayerState> | undefined): boolean =>
    typeof layer?.folder === 'string' &&
    typeof layer.packsFile === 'string' &&
    typeof layer.manifestPrefix === 'string' &&
    Array.isArray(layer.jobs);
  return (
    typeof state === 'object' &&
    state !== null &&
    typeof state.startMs === 'number' &&
    typeof state.job === 'string' &&
    Array.isArray(state.goSumFiles) &&
    isLayer(state.modules) &&
    isLayer(state.build)
  );
}
