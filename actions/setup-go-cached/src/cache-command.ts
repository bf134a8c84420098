/** With this argument the bundle is the process that restores and saves caches, and nothing else. */
export const cacheProcessArgument = '--slipway-cache-process';

/** Program and arguments of that process: this bundle, run once more. */
export const cacheCommand = (): [string, ...string[]] => [
  process.execPath,
  process.argv[1] ?? '',
  cacheProcessArgument,
];
