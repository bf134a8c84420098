export {
  changedFiles,
  type ChangedFiles,
  readHead,
  readTagsAt,
  readTree,
} from './affected-files.ts';
export {
  type AffectedBy,
  affectedPackages,
  affectedServices,
  packagesOf,
  type ServiceFiles,
} from './affected-services.ts';
export { affectedTests, allTests, type ModuleTests, testsOf } from './affected-tests.ts';
export { changedPackages, type ChangedPackages, type FileChange } from './changed-packages.ts';
export { type DependencyChanges, readDependencyChanges } from './dependency-changes.ts';
export { type Git, gitIn } from './git.ts';
export { jsonStream } from './go-list-stream.ts';
export { type GoModule, type GoPackage, listPackages } from './go-list.ts';
export { type GraphPackage, importGraph, type ImportGraph } from './import-graph.ts';
export {
  listSources,
  tagSetName,
  type SourceBuild,
  type SourcePackage,
} from './package-listing.ts';
export { readModules } from './repository-modules.ts';
export { namesThroughLinks, readLinks, type SymbolicLink } from './symbolic-links.ts';
export { readVendorChanges, type VendorChanges } from './vendor-changes.ts';
export { readWorkspaceChanges, type WorkspaceChanges } from './workspace-changes.ts';
