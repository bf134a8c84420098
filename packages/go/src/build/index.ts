export { runBuilds } from './build.ts';
export {
  type CCompiler,
  compilerVariable,
  findCCompiler,
  missingCCompiler,
  onPath,
} from './cgo/c-compiler.ts';
export { annotate, type BuildDiagnostic, BuildFailure, parseDiagnostics } from './failure.ts';
export { type BuildPorts, type BuiltUnit } from './go-build.ts';
export { type GoFlags, readGoFlags, splitQuoted } from './flags.ts';
export { type Machine, readMachine } from './machine.ts';
export { type CgoMode, type MainPackage } from './main-package.ts';
export { type GivenName, isProgramName, programName } from './program/program-name.ts';
export { findMains, idleNames, type TargetMains } from './mains.ts';
export { packageSizes, type PackageSize, sumPackages } from './package-sizes.ts';
export { type Parallelism, planParallelism } from './parallelism.ts';
export { type BuildSettings, type BuildUnit, planTarget } from './plan.ts';
export { type BuildSource, ignoringEnvironment, readBuildSource } from './source.ts';
export { asksAuthProgram } from './go-auth.ts';
export { readCgoEnabled } from './go-env.ts';
export { type BuildToolchain, readBuildToolchain } from './build-toolchain.ts';
export { chooseStamps, idleStamps, type Stamp } from './stamps.ts';
export { stringVariables } from './string-variables.ts';
