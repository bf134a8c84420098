export { changedFiles, type ChangedFiles, gitIn, readHead } from './affected-files.ts';
export {
  type AffectedBy,
  affectedPackages,
  affectedServices,
  type ServiceFiles,
} from './affected-services.ts';
export { jsonStream } from './go-list-stream.ts';
export { type GoModule, type GoPackage, listPackages } from './go-list.ts';
export {
  type GraphPackage,
  type ImportGraph,
  moduleFolders,
  readImportGraph,
} from './import-graph.ts';
