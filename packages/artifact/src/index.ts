export { artifactName, fileVersion } from './artifact-name.ts';
export { companionFiles } from './companion-files.ts';
export { parseBuildInfo, readBuildInfo, type BuildInfo, type LinkedModule } from './build-info.ts';
export { renderChecksums } from './checksums.ts';
export { sha256, sha256File } from './digest.ts';
export { renderSbom, type SbomSubject } from './sbom.ts';
export { copyWhole, moveWhole, removePartials, writeWhole } from './whole-file.ts';
export {
  buildImage,
  buildIndex,
  mediaTypes,
  type Image,
  type ImageContent,
  type ImagePlatform,
} from './image.ts';
export {
  formatImageName,
  imageTag,
  isImageTag,
  isLoopback,
  parseImageName,
  type ImageName,
} from './image-name.ts';
export { formatPlatform, pushImages, type PushedImage } from './push-image.ts';
export { createRegistryClient, type RegistryClient } from './registry.ts';
export { findCredentials, type RegistryCredentials } from './registry-credentials.ts';
export { needsLoader } from './elf.ts';
