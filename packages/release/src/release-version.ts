import { InputError, quoted } from '@slipway/runtime';
import { defaultTagFormats, readFormattedTag } from './tag-format.ts';

/** The longest version: it becomes a Kubernetes label value (63 characters), an image tag (128) and a file name. */
const maxVersionLength = 63;

/** Longer names are no tags of ours; every place where a service might end is tried in one. */
const maxTagLength = 255;

/** A release tag, taken apart. */
export interface ReleaseTag {
  /** Semantic version without the leading `v`. */
  version: string;
  prerelease: boolean;
  /** The service that the tag names, or undefined for all. */
  service: string | undefined;
}

/**
 * Reads a tag by `formats`: `v1.2.3`, `api/v1.2.3`, `services/api/v1.2.3`, `api@1.2.3` and `api-v1.2.3` by
 * default. The service is found among `services` by path or name. Throws an InputError for a tag that is no
 * release tag, and for build metadata, which an image tag cannot hold.
 */
export function readTag(
  tag: string,
  services: readonly { name: string; path: string }[],
  formats: readonly string[] = defaultTagFormats,
): ReleaseTag {
  const found = tag.length > maxTagLength ? undefined : readFormattedTag(tag, formats, services);
  if (found === undefined)
    throw new InputError(`The tag ${quoted(tag)} is not a release tag.`, {
      next:
        formats.join('\n') === defaultTagFormats.join('\n')
          ? 'Tag releases as v1.2.3, a pre-release as v1.2.3-rc.1, one service as api/v1.2.3, or say in tag-format how your tags are written; narrow "on: push: tags:" to those.'
          : `Tag releases as tag-format says (${formats.join(', ')}), and narrow "on: push: tags:" to those.`,
    });
  const { version, service, written } = found;
  if (service === null)
    throw new InputError(
      `The tag ${quoted(tag)} names the service ${quoted(written)}, which is not here; valid: ${services.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  if (version.build.length > 0)
    throw new InputError(
      `The tag ${quoted(tag)} has build metadata ("+"), which neither an image tag nor a Kubernetes label can hold.`,
      { next: 'Tag without the part from "+" on.' },
    );
  if (version.version.length > maxVersionLength)
    throw new InputError(
      `The version of the tag ${quoted(tag)} has ${version.version.length} characters; a Kubernetes label holds ${maxVersionLength}.`,
    );
  return { version: version.version, prerelease: version.prerelease.length > 0, service };
}

/**
 * A version for a commit that has no tag: `0.0.0-main.20261124172300.g1a2b3c4`. It is below every
 * release, grows with commit time, and is a valid semantic version, image tag and label value
 * whatever the branch is called. The `g` (as in git describe) keeps an all-digit id from being a number.
 */
export function pseudoVersion(commit: {
  channel: string;
  sha: string;
  commitTimeMs: number;
}): string {
  const time = new Date(commit.commitTimeMs).toISOString().replace(/\D/g, '').slice(0, 14);
  return `0.0.0-${channelName(commit.channel)}.${time}.g${commit.sha.slice(0, 7)}`;
}

/** `feature/Ünsafe $(name)` as a semver identifier of at most 20 characters: `feature-nsafe-name`. */
function channelName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^0-9a-z.]+/g, '-')
    .replace(/\.+/g, '-')
    .slice(0, 20)
    .replace(/^-+|-+$/g, '');
  if (name === '') return 'branch';
  // An identifier of digits only is a number to semver, and must not begin with 0.
  return /^\d+$/.test(name) ? `b-${name}` : name;
}
