export { type InstalledToolchain, toolchainOnPath } from './cache.ts';
export { goFolders, type GoFolders, readGoSettings } from './go-env.ts';
export { toolchainPlatform, type ToolchainPlatform } from './platform.ts';
export type { ToolchainPorts } from './ports.ts';
export {
  chooseVersion,
  ensureToolchain,
  type ReadyToolchain,
  type ToolchainSources,
} from './toolchain.ts';
