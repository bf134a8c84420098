export { type BaseImage, readBaseImage } from './base-image.ts';
export { mediaTypes } from './blob-descriptor.ts';
export { buildIndex } from './image-index.ts';
export { type ImagePlatform } from './image-platform.ts';
export { buildImage, type Image, type ImageContent, type StartSettings } from './image.ts';
export { type BaseSource, formatPlatform, pushImages, type PushedImage } from './push-image.ts';
