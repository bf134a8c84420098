export { parseBuildInfo, readBuildInfo, type BuildInfo, type LinkedModule } from './build-info.ts';
export { needsLoader } from './elf.ts';
export { renderSbom, type SbomSubject } from './sbom.ts';
export { writeUniversal } from './universal.ts';
