export {
  mostPacks,
  packClass,
  readManifest,
  type ListedPack,
  type Manifest,
  type PackClass,
} from './manifest.ts';
export { arrivedIndex, placeFiles, type Placement } from './pack-arrival.ts';
export { packFiles } from './pack-departure.ts';
export { indexName, packIndex, type PackedFile } from './pack-index.ts';
