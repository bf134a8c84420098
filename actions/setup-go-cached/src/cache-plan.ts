import * as fs from 'node:fs/promises';
import path from 'node:path';
import {
  cacheTrust,
  emptyPatterns,
  findGoSumFiles,
  type GoCachePlan,
  type GoCacheState,
} from '@slipway/cache';
import { goSetting, readGoSettings, type GoFolders } from '@slipway/go';
import type { Run } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

/** Variables that change what the compiler makes, so that their values are part of the build cache's key. */
const compilerSettings = [
  'GOOS',
  'GOARCH',
  'GOAMD64',
  'GOARM',
  'GOARM64',
  'GO386',
  'GOMIPS',
  'GOMIPS64',
  'GOPPC64',
  'GORISCV64',
  'GOWASM',
  'GOFLAGS',
  'GOEXPERIMENT',
  'GOFIPS140',
  'CGO_ENABLED',
  'CC',
  'CXX',
];

/** Patterns of the modules that a job keeps from proxies and the checksum database, which no cache takes either. */
const privatePatternsOf = (env: Run['env'], settings: Readonly<Record<string, string>>): string =>
  ['GOPRIVATE', 'GONOPROXY', 'GONOSUMDB']
    .map((name) => goSetting(env, settings, name))
    .filter(Boolean)
    .join(',');

/** Whether Go checks in the checksum database what no go.sum names. */
const checksToolsOf = (env: Run['env'], settings: Readonly<Record<string, string>>): boolean =>
  goSetting(env, settings, 'GOSUMDB') !== 'off' &&
  !(goSetting(env, settings, 'GOFLAGS') ?? '').includes('-insecure');

/** What main left for post, with what later steps made private (GITHUB_ENV, `go env -w`): they downloaded it. */
export async function stateAtPost(
  { env, runner }: Pick<Run, 'env' | 'runner'>,
  state: GoCacheState,
): Promise<GoCacheState> {
  const settings = await readGoSettings(env, runner.os);
  const patterns = [state.privatePatterns, privatePatternsOf(env, settings)].filter(Boolean);
  return {
    ...state,
    privatePatterns: patterns.join(','),
    checksTools: state.checksTools && checksToolsOf(env, settings),
  };
}

/** What this job caches, worked out without running go. */
export async function planCaches(
  run: Run,
  inputs: Inputs,
  toolchain: { goVersion: string; architecture: string },
  folders: GoFolders,
  settings: Readonly<Record<string, string>>,
): Promise<Omit<GoCachePlan, 'restores'>> {
  const { runner, env } = run;
  const get = (name: string): string | undefined => goSetting(env, settings, name);
  const vendored = await fs.access(path.join(runner.workspace, 'vendor', 'modules.txt')).then(
    () => true,
    () => false,
  );
  for (const pattern of await emptyPatterns(runner.workspace, inputs.cacheDependencyPath))
    run.log.warning(`cache-dependency-path: ${pattern} matches no file of the checkout.`);
  const goSums = vendored ? [] : await findGoSumFiles(runner.workspace, inputs.cacheDependencyPath);
  return {
    moduleFolder: folders.moduleCache,
    buildFolder: folders.buildCache,
    cachesBuild: inputs.buildCache !== 'off',
    goSums,
    build: {
      os: runner.os,
      arch: toolchain.architecture,
      goVersion: toolchain.goVersion,
      settings: Object.fromEntries(compilerSettings.map((name) => [name, get(name)])),
      job: [env['GITHUB_WORKFLOW'] ?? '', runner.job, inputs.cacheKey].join('\n'),
      trust: cacheTrust(inputs.buildCache, {
        eventName: runner.eventName,
        refType: env['GITHUB_REF_TYPE'] ?? '',
        refProtected: env['GITHUB_REF_PROTECTED'] === 'true',
      }),
    },
    privatePatterns: privatePatternsOf(env, settings),
    checksTools: checksToolsOf(env, settings),
    tempDir: runner.tempDir,
  };
}
