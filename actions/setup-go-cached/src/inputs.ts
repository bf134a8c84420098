import { buildCacheModes, type BuildCacheMode } from '@slipway/cache';
import {
  readInputs,
  type InputReader,
  type InputSource,
  type RunnerEnvironment,
} from '@slipway/runtime';
import { netrcPasswords } from './private-modules.ts';

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
  /** Lines of a .netrc; empty for none. */
  netrc: string;
  /** Absolute: where modules are downloaded with it. */
  workingDirectory: string;
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
    netrc: readNetrc(read, source),
    workingDirectory: read.path('working-directory', { default: '.' }),
    goDownloadBaseUrl: read
      .string('go-download-base-url', {
        pattern: /^(https?|file):\/\/[^\s]+$/,
        expected: 'an http, https or file URL such as https://go.dev/dl',
      })
      .replace(/\/+$/, ''),
  }));
}

/** The runner masks whole lines; a token in one of them is a secret of its own. */
function readNetrc(read: InputReader, source: InputSource): string {
  const netrc = read.secret('netrc');
  for (const password of netrcPasswords(netrc)) source.maskSecret?.(password);
  if (netrc !== '' && !/(?:^|\s)(?:machine|default)\s/.test(netrc))
    read.problem('netrc: has no line of the form "machine HOST login NAME password TOKEN".');
  return netrc;
}
