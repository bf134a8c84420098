export { localReplaces, type LocalReplace } from './local-replaces.ts';
export { compareVersions, type DependencyChange, type ModuleVersions } from './mod-change.ts';
export { isFolder, isPassedOver, type ModFile, parseModFile } from './mod-file.ts';
export { modLines, type ModLine } from './mod-lines.ts';
export {
  foldersAround,
  type ModuleTree,
  moduleTree,
  type PlacedModFile,
  type RepositoryModule,
} from './module-tree.ts';
