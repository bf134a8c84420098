export { buildLayer, isWarmBuildCache, usedObjects } from './build-layer.ts';
export {
  buildCacheModes,
  cacheTrust,
  type BuildCacheMode,
  type BuildClass,
  type CacheTrust,
} from './cache-trust.ts';
export type { CachePorts } from './cache-ports.ts';
export { openCacheService, type CacheAccess, type CacheService } from './cache-service.ts';
export { buildKeys, contentDigest, moduleKeys, type BuildKeyParts } from './layer-key.ts';
export { restoreLayer, type RestoreReport } from './layer-restore.ts';
export { saveLayer, type SaveReport } from './layer-save.ts';
export type { Layer, LayerFile } from './layer.ts';
export {
  downloadedModules,
  isPrivateModule,
  moduleLayer,
  readGoSum,
  type SummedModule,
} from './module-layer.ts';
export {
  isGoCacheState,
  restoreGoCaches,
  saveGoCaches,
  type GoCachePlan,
  type GoCacheState,
} from './go-caches.ts';
export { findGoSumFiles, type GoSumFile } from './go-sum-files.ts';
