import { descriptor, jsonBlob, mediaTypes, type Blob } from './blob-descriptor.ts';
import type { Image } from './image.ts';

/** The index that lets one name serve several platforms, in the order given. */
export function buildIndex(
  images: readonly Image[],
  annotations: Readonly<Record<string, string>>,
): Blob {
  return jsonBlob({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: images.map(({ manifest, platform }) => ({
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
