import semver from 'semver';

/** A version or a part of one with a prerelease: `1.2.0-rc.1`, `1.2-0`, `1.x-0`, `*-0`. */
const withPrerelease = /(?<![\w.*-])(v?[\dxX*]+(?:\.[\dxX*]+){0,2})-[0-9A-Za-z][\w.-]*/g;
const whole = /^v?\d+\.\d+\.\d+$/;
const exclusion = /!=\s*([^\s!<>=~^]+)/g;

/** One alternative of a range, all of which has to hold. */
function fitsAll(version: semver.SemVer, text: string): boolean {
  // npm takes no prerelease behind a part of a version; with prereleases it reads the part alone as `-0`.
  const range = text.replace(withPrerelease, (found, part: string) =>
    whole.test(part) ? found : part,
  );
  const options = { loose: true, includePrerelease: text.search(withPrerelease) >= 0 };
  const excluded = [...range.matchAll(exclusion)].map(([, one = '']) => one);
  if (excluded.some((one) => semver.satisfies(version, one, options))) return false;
  return semver.satisfies(version, range.replace(exclusion, ' '), options);
}

/**
 * Whether a chart's version is in a range, as Helm reads both (Masterminds/semver): parts are separated by
 * commas or blanks, `1.2` and `v1.2.3` are versions, and prereleases fit where a part of the range names
 * one, whichever version that is of (`>=1.0.0-0`). A version that is none fits only itself.
 */
export function fitsRange(version: string, range: string): boolean {
  const parsed =
    semver.parse(version, { loose: true }) ?? semver.coerce(version, { includePrerelease: true });
  if (parsed === null) return version === range;
  return range
    .replaceAll(',', ' ')
    .replaceAll('=>', '>=')
    .replaceAll('=<', '<=')
    .split('||')
    .some((alternative) => fitsAll(parsed, alternative));
}
