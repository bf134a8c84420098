/** The operating system and processor that an image is for. */
export interface ImagePlatform {
  os: string;
  architecture: string;
  variant?: string;
}
