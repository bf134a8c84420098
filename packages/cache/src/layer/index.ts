export { buildLayer, isWarmBuildCache, usedObjects } from './build-layer.ts';
export type { Layer, LayerFile } from './layer.ts';
export {
  downloadedSince,
  isPrivateModule,
  moduleLayer,
  moduleOfPath,
  modulePaths,
  presentModules,
  readGoSum,
  type SummedModule,
} from './module-layer.ts';
