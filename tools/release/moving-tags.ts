import { text } from 'node:stream/consumers';

// Without packages from npm: this runs where the token may write.

/** Major, minor and patch. */
type Version = readonly [number, number, number];

/** A full version without pre-release; undefined for anything else. */
function readVersion(tag: string): Version | undefined {
  const [, major, minor, patch] = /^v(\d+)\.(\d+)\.(\d+)$/.exec(tag) ?? [];
  return patch === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

function isNewer(a: Version, b: Version): boolean {
  const at = [0, 1, 2].find((place) => a[place] !== b[place]);
  return at !== undefined && (a[at] ?? 0) > (b[at] ?? 0);
}

/**
 * The tags that follow a release, `v1` and `v1.4` of `v1.4.2`, as far as no newer version of their line is among
 * `refs` (`refs/tags/v1.5.0`): a release of an older line moves nothing backwards. Throws for what is no version.
 */
export function movingTags(version: string, refs: readonly string[]): readonly string[] {
  const released = readVersion(version);
  if (released === undefined) throw new Error(`${version} is not of the form v1.2.3.`);
  const [major, minor] = released;
  const ofMajor = refs
    .map((ref) => readVersion(ref.trim().replace(/^refs\/tags\//, '')))
    .filter((other) => other?.[0] === major);
  const isNewest = (line: readonly (Version | undefined)[]): boolean =>
    line.every((other) => other === undefined || !isNewer(other, released));
  return [
    ...(isNewest(ofMajor) ? [`v${major}`] : []),
    ...(isNewest(ofMajor.filter((other) => other?.[1] === minor)) ? [`v${major}.${minor}`] : []),
  ];
}

if (import.meta.main) {
  const refs = (await text(process.stdin)).split('\n');
  for (const tag of movingTags(process.argv[2] ?? '', refs)) console.log(tag);
}
