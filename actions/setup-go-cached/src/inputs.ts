import { buildCacheModes, type BuildCacheMode } from '@slipway/cache';
import { readInputs, type InputSource, type RunnerEnvironment } from '@slipway/runtime';

/** The inputs of setup-go-cached: those of actions/setup-go and three more for the cache. */
export interface Inputs {
  goVersion: string;
  /** Absolute, or empty. */
  goVersionFile: string;
  checkLatest: boolean;
  token: string;
  cache: boolean;
  cacheDependencyPath: readonly string[];
  cacheSave: boolean;
  cacheKey: string;
  buildCache: BuildCacheMode;
  architecture: string;
  goDownloadBaseUrl: string;
}

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  return readInputs(source, runner.workspace, (read) => ({
    goVersion: read.string('go-version'),
    goVersionFile: read.path('go-version-file'),
    checkLatest: read.boolean('check-latest'),
    token: read.secret('token'),
    cache: read.boolean('cache', { default: true }),
    cacheDependencyPath: read.list('cache-dependency-path'),
    cacheSave: read.boolean('cache-save', { default: true }),
    cacheKey: read.string('cache-key'),
    buildCache: read.oneOf('build-cache', buildCacheModes),
    architecture: read.string('architecture'),
    goDownloadBaseUrl: read
      .string('go-download-base-url', {
        pattern: /^(https?|file):\/\/[^\s]+$/,
        expected: 'an http, https or file URL such as https://go.dev/dl',
      })
      .replace(/\/+$/, ''),
  }));
}
