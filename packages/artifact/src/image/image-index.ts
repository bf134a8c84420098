import { descriptor, jsonBlob, mediaTypes, type SmallBlob } from './blob-descriptor.ts';
import type { ImagePlatform } from './image-platform.ts';
import type { Image } from './image.ts';

function byPlatform({ platform: a }: Image, { platform: b }: Image): number {
  const text = ({ os, architecture, variant = '' }: ImagePlatform): string =>
    [os, architecture, variant].join('/');
  return text(a) < text(b) ? -1 : 1;
}

/** The index that lets one name serve several platforms: the same whatever the order of the images. */
export function buildIndex(
  images: readonly Image[],
  annotations: Readonly<Record<string, string>>,
): SmallBlob {
  return jsonBlob({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [...images].sort(byPlatform).map(({ manifest, platform }) => ({
      ...descriptor(mediaTypes.manifest, manifest),
      platform: {
        architecture: platform.architecture,
        os: platform.os,
        ...(platform.variant === undefined ? {} : { variant: platform.variant }),
      },
    })),
    annotations,
  });
}
