export {
  artifactName,
  companionFiles,
  fileVersion,
  publishTogether,
  removePartials,
  renderChecksums,
  sha256,
  sha256File,
  writeAtomically,
} from './file/index.ts';
export {
  buildImage,
  buildIndex,
  formatPlatform,
  mediaTypes,
  pushImages,
  type Image,
  type ImageContent,
  type ImagePlatform,
  type PushedImage,
} from './image/index.ts';
export {
  needsLoader,
  parseBuildInfo,
  readBuildInfo,
  renderSbom,
  type BuildInfo,
  type LinkedModule,
  type SbomSubject,
} from './program/index.ts';
export {
  createRegistryClient,
  findCredentials,
  formatImageName,
  imageTag,
  isImageTag,
  parseImageName,
  type ImageName,
  type RegistryBlob,
  type RegistryClient,
  type RegistryCredentials,
} from './registry/index.ts';
