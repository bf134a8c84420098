import { InputError, quoted } from '@slipway/runtime';
import semver from 'semver';

/** The longest version: it becomes a Kubernetes label value (63 characters), an image tag (128) and a file name. */
const maxVersionLength = 63;

/** A release tag, taken apart. */
export interface ReleaseTag {
  /** Semantic version without the leading `v`. */
  version: string;
  prerelease: boolean;
  /** The service that the tag names (`api/v1.2.3` or `services/api/v1.2.3`), or undefined for all. */
  service: string | undefined;
}

/**
 * Reads `v1.2.3`, `api/v1.2.3` or `services/api/v1.2.3`. The service is found among `services` by
 * path or name. Throws an InputError for a tag that is no release tag, and for build metadata, which
 * an image tag cannot hold.
 */
export function readTag(
  tag: string,
  services: readonly { name: string; path: string }[],
): ReleaseTag {
  const at = tag.lastIndexOf('/');
  const prefix = at < 0 ? undefined : tag.slice(0, at);
  const text = tag.slice(at + 1);
  const parsed = /^v\d/.test(text) ? semver.parse(text.slice(1)) : null;
  if (parsed === null)
    throw new InputError(`The tag ${quoted(tag)} is not a release tag.`, {
      next: 'Tag releases as v1.2.3, a pre-release as v1.2.3-rc.1, one service as api/v1.2.3; narrow "on: push: tags:" to those.',
    });
  if (parsed.build.length > 0)
    throw new InputError(
      `The tag ${quoted(tag)} has build metadata ("+"), which neither an image tag nor a Kubernetes label can hold.`,
      { next: 'Tag without the part from "+" on.' },
    );
  if (parsed.version.length > maxVersionLength)
    throw new InputError(
      `The version of the tag ${quoted(tag)} has ${parsed.version.length} characters; a Kubernetes label holds ${maxVersionLength}.`,
    );
  const service =
    prefix === undefined
      ? undefined
      : services.find(({ name, path }) => prefix === path || prefix === name);
  if (prefix !== undefined && service === undefined)
    throw new InputError(
      `The tag ${quoted(tag)} names the service ${quoted(prefix)}, which is not here; valid: ${services.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  return {
    version: parsed.version,
    prerelease: parsed.prerelease.length > 0,
    service: service?.name,
  };
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
