import { minVersion } from 'semver';
import type { VersionQuery } from './query.ts';
import { compareGoVersions, parseGoVersion, releaseName, type GoVersion } from './version.ts';

const shown = 5;

/** The release that a query aims at, as far as it names one. */
function aim(query: VersionQuery): GoVersion | undefined {
  if (query.kind === 'exact') return query.version;
  if (query.kind === 'stable') return undefined;
  const lowest = minVersion(query.range);
  return lowest === null ? undefined : parseGoVersion(lowest.version);
}

/** How far a release is from the wanted one, the more significant part first. */
function distance(a: GoVersion, b: GoVersion): readonly number[] {
  return [a.major - b.major, a.minor - b.minor, a.patch - b.patch].map(Math.abs);
}

/**
 * A sentence that names those of `versions` which are nearest to what was asked for: of the same minor version
 * when there are any.
 */
export function nearestReleases(query: VersionQuery, versions: readonly GoVersion[]): string {
  const wanted = aim(query);
  const newestFirst = [...versions].sort((a, b) => compareGoVersions(b, a));
  // Of another major version the newest are as near as any.
  const nearest =
    wanted === undefined || versions.every(({ major }) => major !== wanted.major)
      ? newestFirst
      : newestFirst.toSorted((a, b) => {
          const [da, db] = [distance(a, wanted), distance(b, wanted)];
          const part = da.findIndex((one, at) => one !== db[at]);
          return part < 0 ? 0 : (da[part] ?? 0) - (db[part] ?? 0);
        });
  const names = nearest
    .slice(0, shown)
    .sort((a, b) => compareGoVersions(b, a))
    .map(releaseName);
  return names.length === 0 ? 'None are known here.' : `The nearest ones are ${names.join(', ')}.`;
}
