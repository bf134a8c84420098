export { affectedServices, type AffectedBy, type ServiceFiles } from './affected-services.ts';
export { changedFiles, gitIn, readHead, type ChangedFiles } from './affected-files.ts';
export {
  moduleFolders,
  readImportGraph,
  type GraphPackage,
  type ImportGraph,
} from './import-graph.ts';
