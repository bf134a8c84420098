export { mediaTypes } from './blob-descriptor.ts';
export { buildIndex } from './image-index.ts';
export { buildImage, type Image, type ImageContent, type ImagePlatform } from './image.ts';
export { formatPlatform, pushImages, type PushedImage } from './push-image.ts';
