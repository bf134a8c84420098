import { InputError, quoted } from '@slipway/runtime';
import { parseImageName, type ImageName } from './image-name.ts';

/** An image that nothing can be put in the place of. */
export interface PinnedImage {
  name: ImageName;
  /** Of a manifest or an index: `sha256:` and hexadecimal. */
  digest: string;
}

/**
 * Reads `[registry/]repository[:tag]@sha256:…`; the tag is for people alone. Throws InputError for an
 * image without digest, which another could be put in the place of between two builds.
 */
export function parsePinnedImage(text: string): PinnedImage {
  const [, named = '', digest] = /^([^@]*)@(sha256:[0-9a-f]{64})$/.exec(text) ?? [];
  if (digest === undefined)
    throw new InputError(
      `${quoted(text)} is not pinned: write the digest behind it, as in gcr.io/distroless/static@sha256:… ("crane digest" or "docker buildx imagetools inspect" tell it).`,
    );
  return { name: parseImageName(named.replace(/:[\w][\w.-]{0,127}$/, '')), digest };
}
