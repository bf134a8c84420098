export {
  buildCacheModes,
  cacheTrust,
  type BuildCacheMode,
  type BuildClass,
  type CacheTrust,
} from './cache-trust.ts';
export { cacheAccess, type CacheAccess } from './cache-availability.ts';
export { restoreApart, saveApart, type CacheProcessPorts } from './caches-apart.ts';
export { isGoCacheState, type GoCachePlan, type GoCacheState } from './go-caches.ts';
export { emptyPatterns, findGoSumFiles, type GoSumFile } from './go-sum-files.ts';
export { type BuildKeyParts } from './layer-key.ts';
export { type RestoreReport } from './restore-report.ts';
export { type SaveReport } from './layer-save.ts';
export { setContentTimes } from './file-times/index.ts';
