import { InputError } from '@slipway/runtime';
import semver from 'semver';
import { readTag, type ReleaseTag } from './release-version.ts';

/** A tag as far as its release is concerned; undefined for a tag of something else. */
function releaseOf(
  ...[tag, services, formats]: Parameters<typeof readTag>
): ReleaseTag | undefined {
  try {
    return readTag(tag, services, formats);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/**
 * Of two tags on one commit that release a service to one place, the higher version is released, whichever
 * run comes last: the services that another of `tags` releases in a higher version than `ours`, and that
 * tag, the highest of several. A pre-release and a final release go to different places.
 */
export function outrankedServices(
  ours: { release: ReleaseTag; prerelease: boolean },
  tags: readonly string[],
  facts: {
    services: readonly { name: string; path: string }[];
    tagFormats?: readonly string[];
  },
): ReadonlyMap<string, string> {
  const { services, tagFormats } = facts;
  const higher = tags
    .map((tag) => ({ tag, release: releaseOf(tag, services, tagFormats) }))
    .flatMap(({ tag, release }) =>
      release?.prerelease === ours.prerelease &&
      semver.compare(release.version, ours.release.version) > 0
        ? [{ tag, release }]
        : [],
    )
    .toSorted((a, b) => semver.compare(a.release.version, b.release.version));
  const outranked = new Map<string, string>();
  for (const { tag, release } of higher)
    for (const { name } of services)
      if (release.service === undefined || release.service === name) outranked.set(name, tag);
  return outranked;
}
