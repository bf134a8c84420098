export {
  buildImage,
  buildIndex,
  mediaTypes,
  type Image,
  type ImageContent,
  type ImagePlatform,
} from './image.ts';
export { formatPlatform, pushImages, type PushedImage } from './push-image.ts';
