import path from 'node:path';
import { buildCacheModes, type BuildCacheMode } from '@slipway/cache';
import {
  readInputs,
  type InputReader,
  type InputSource,
  type RunnerEnvironment,
  type SettingsRule,
} from '@slipway/runtime';
import { readPrivateModules, type PrivateModules } from './private-inputs.ts';

/** The inputs of setup-go-cached: those of actions/setup-go and more for the cache. */
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
  testCache: boolean;
  architecture: string;
  goDownloadBaseUrl: string;
  privateModules: PrivateModules;
  /** Whether modules are downloaded and compared with a go.sum that has to be complete. */
  verifyModules: boolean;
  /** Absolute: whose modules are downloaded. */
  workingDirectory: string;
}

/** Each says which of several hold, so none of these lists is made of two. */
const settings: SettingsRule = { joined: [] };

/**
 * The version file may lie anywhere on the runner, as for actions/setup-go; one that slipway.yml names lies in
 * the checkout.
 */
function readVersionFilePath(read: InputReader, workspace: string): string {
  if (read.isSetting('go-version-file')) return read.path('go-version-file');
  const file = read.string('go-version-file');
  return file === '' ? '' : path.resolve(workspace, file);
}

/** Two ways to say one thing: when the settings say it in one way, the step's other way says nothing. */
function readVersion(
  read: InputReader,
  workspace: string,
): Pick<Inputs, 'goVersion' | 'goVersionFile'> {
  const version = read.string('go-version');
  const file = readVersionFilePath(read, workspace);
  const [said, fileSaid] = [read.isSetting('go-version'), read.isSetting('go-version-file')];
  return {
    goVersion: fileSaid && !said ? '' : version,
    goVersionFile: said && !fileSaid ? '' : file,
  };
}

function build(read: InputReader, source: InputSource, runner: RunnerEnvironment): Inputs {
  const { goVersion, goVersionFile } = readVersion(read, runner.workspace);
  return {
    goVersion,
    goVersionFile,
    checkLatest: read.boolean('check-latest'),
    token: read.secret('token'),
    cache: read.boolean('cache', { default: true }),
    cacheDependencyPath: read.list('cache-dependency-path'),
    cacheSave: read.boolean('cache-save', { default: true }),
    cacheKey: readCacheKey(read),
    buildCache: read.oneOf('build-cache', buildCacheModes),
    testCache: read.boolean('test-cache', { default: true }),
    architecture: read.string('architecture'),
    privateModules: readPrivateModules(read, source),
    verifyModules: read.boolean('verify-modules'),
    workingDirectory: read.path('working-directory', { default: '.' }),
    goDownloadBaseUrl: read
      .string('go-download-base-url', {
        pattern: /^(https?|file):\/\/[^\s]+$/,
        expected: 'an http, https or file URL such as https://go.dev/dl',
      })
      .replace(/\/+$/, ''),
  };
}

/** What the runner makes of the default in a job without a matrix. */
const noMatrix = ['null', '{}'];

function readCacheKey(read: InputReader): string {
  const key = read.string('cache-key');
  return noMatrix.includes(key.trim()) ? '' : key;
}

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  return readInputs(source, runner.workspace, (read) => build(read, source, runner), settings);
}
