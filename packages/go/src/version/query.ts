import { InputError, quoted } from '@slipway/runtime';
import { satisfies, validRange } from 'semver';
import {
  compareGoVersions,
  parseGoVersion,
  releaseName,
  semverName,
  type GoVersion,
} from './version.ts';

/** Which Go is wanted, before anyone knows what exists. */
export type VersionQuery =
  | { kind: 'exact'; version: GoVersion; text: string }
  | { kind: 'stable'; minorsBack: 0 | 1; text: string }
  | { kind: 'range'; range: string; text: string };

const validForms =
  '1.24.3, 1.25rc1, 1.24 or 1.24.x (newest patch), ^1.24 or >=1.22 <1.25 (semver ranges), stable, oldstable';

/** Rewrites Go's prereleases inside a range into semver's spelling: `>=1.25rc1` to `>=1.25.0-rc.1`. */
function toSemverRange(text: string): string {
  return text.replace(
    /(?<![\w.-])(\d+)\.(\d+)(?:\.(\d+))?(alpha|beta|rc)(\d+)/g,
    (_, major: string, minor: string, patch: string | undefined, kind: string, count: string) =>
      `${major}.${minor}.${patch ?? '0'}-${kind}.${count}`,
  );
}

/**
 * Reads a version as actions/setup-go takes it. Throws an InputError that lists the valid forms.
 * `1.24` means its newest patch release, as there.
 */
export function parseVersionQuery(text: string): VersionQuery {
  const wanted = text.trim().replace(/^go(?=\d)/, '');
  if (wanted === 'stable' || wanted === 'latest')
    return { kind: 'stable', minorsBack: 0, text: wanted };
  if (wanted === 'oldstable') return { kind: 'stable', minorsBack: 1, text: wanted };
  const version = parseGoVersion(wanted.replace(/^[v=]\s*/, ''));
  const parts = wanted.split('.').length;
  if (version !== undefined && (parts >= 3 || version.prerelease !== undefined))
    return { kind: 'exact', version, text: releaseName(version) };
  const range = wanted.length <= 200 ? toSemverRange(wanted) : '';
  if (range === '' || validRange(range) === null)
    throw new InputError(`${quoted(text)} is not a Go version; expected one of: ${validForms}.`);
  return { kind: 'range', range, text: wanted };
}

/** The newest of `versions` that the query allows; prereleases only where the query names one. */
export function newestMatch(
  query: VersionQuery,
  versions: readonly GoVersion[],
): GoVersion | undefined {
  const newestFirst = [...versions].sort((a, b) => compareGoVersions(b, a));
  if (query.kind === 'exact')
    return newestFirst.find((version) => compareGoVersions(version, query.version) === 0);
  if (query.kind === 'range')
    return newestFirst.find((version) => satisfies(semverName(version), query.range));
  const final = newestFirst.filter(({ prerelease }) => prerelease === undefined);
  const minors = [...new Set(final.map(({ major, minor }) => `${major}.${minor}`))];
  const wanted = minors[query.minorsBack];
  return final.find(({ major, minor }) => `${major}.${minor}` === wanted);
}
