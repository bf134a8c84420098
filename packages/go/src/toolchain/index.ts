export { type InstalledToolchain, toolchainOnPath } from './cache.ts';
export { goFolders, type GoFolders, goSetting, readGoSettings } from './go-env.ts';
export { toolchainPlatform, type ToolchainPlatform } from './platform.ts';
export type { ToolchainPorts } from './ports.ts';
export type { ToolchainSources } from './toolchain-sources.ts';
export { chooseVersion, ensureToolchain, type ReadyToolchain } from './toolchain.ts';
