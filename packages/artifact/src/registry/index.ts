export type { NamedBlob } from './blob-download.ts';
export type { RegistryBlob } from './blob-upload.ts';
export { createRegistryClient, type RegistryClient } from './client.ts';
export { findCredentials, type RegistryCredentials } from './credentials.ts';
export {
  formatImageName,
  imageTag,
  isImageTag,
  parseImageName,
  type ImageName,
} from './image-name.ts';
export { parsePinnedImage, type PinnedImage } from './pinned-image.ts';
