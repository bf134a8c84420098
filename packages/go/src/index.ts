export {
  affectedPackages,
  affectedServices,
  type AffectedBy,
  type ServiceFiles,
} from './affected-services.ts';
export { changedFiles, gitIn, readHead, type ChangedFiles } from './affected-files.ts';
export {
  moduleFolders,
  readImportGraph,
  type GraphPackage,
  type ImportGraph,
} from './import-graph.ts';
export { runBuilds, type BuildPorts, type BuiltUnit } from './build.ts';
export { compilerVariable, findCCompiler, onPath, type CCompiler } from './build-c-compiler.ts';
export { annotate, BuildFailure, parseDiagnostics, type BuildDiagnostic } from './build-failure.ts';
export { readGoFlags, splitQuoted, type GoFlags } from './build-flags.ts';
export { readMachine, type Machine } from './build-machine.ts';
export {
  findMains,
  programName,
  type CgoMode,
  type MainPackage,
  type TargetMains,
} from './build-mains.ts';
export { planParallelism, type Parallelism } from './build-parallelism.ts';
export { planTarget, type BuildSettings, type BuildUnit } from './build-plan.ts';
export { ignoringEnvironment, readBuildSource, type BuildSource } from './build-source.ts';
export { readBuildToolchain, type BuildToolchain } from './build-toolchain.ts';
export { listPackages, type GoModule, type GoPackage } from './go-list.ts';
export { jsonStream } from './go-list-stream.ts';
export { parseTarget, parseTargets, type Target } from './target.ts';
export { readPorts, type GoPort } from './target-ports.ts';
export { goFolders, readGoSettings, type GoFolders } from './go-env.ts';
export { toolchainPlatform, type ToolchainPlatform } from './toolchain-platform.ts';
export type { ToolchainPorts } from './toolchain-ports.ts';
export {
  chooseVersion,
  ensureToolchain,
  type ReadyToolchain,
  type ToolchainSources,
} from './toolchain.ts';
export { readVersionFile, type VersionFileResult } from './version-file.ts';
export { newestMatch, parseVersionQuery, type VersionQuery } from './version-query.ts';
export { resolveVersion, type ResolvedVersion } from './version-resolution.ts';
export {
  compareGoVersions,
  parseGoVersion,
  releaseName,
  semverName,
  type GoVersion,
} from './version.ts';
export { toolchainOnPath, type InstalledToolchain } from './toolchain-cache.ts';
