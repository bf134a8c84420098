/** A Go release. `1.24` written alone is not one since Go 1.21 (it is a range, see query.ts). */
export interface GoVersion {
  major: number;
  minor: number;
  patch: number;
  /** `rc1`, `beta2`; absent for a final release. */
  prerelease?: { kind: 'alpha' | 'beta' | 'rc'; number: number };
  /** Of a vendor's build: the 1 of Microsoft's `1.25.9-1`. Absent for Go's own. */
  revision?: number;
}

const number = String.raw`(0|[1-9]\d{0,5})`;
const release = new RegExp(
  `^${number}(?:\\.${number})?(?:\\.${number})?(?:-?(alpha|beta|rc)\\.?${number})?(?:-${number})?$`,
);

/**
 * Reads `1.24.3`, `1.25rc1`, `go1.24.3`, semver's spelling `1.25.0-rc.1` and a vendor's `1.25.9-1`. Missing
 * parts count as zero, so the caller decides whether `1.24` is a release or a range. Undefined for anything else.
 */
export function parseGoVersion(text: string): GoVersion | undefined {
  const match = release.exec(text.replace(/^go(?=\d)/, ''));
  if (match === null) return undefined;
  const [, major, minor, patch, kind, count, revision] = match;
  const version: GoVersion = {
    major: Number(major),
    minor: Number(minor ?? 0),
    patch: Number(patch ?? 0),
  };
  if (kind === 'alpha' || kind === 'beta' || kind === 'rc')
    version.prerelease = { kind, number: Number(count) };
  if (revision === undefined) return version;
  // Without a patch it would be half of a range.
  return patch === undefined && kind === undefined
    ? undefined
    : { ...version, revision: Number(revision) };
}

/** Go's own name of a release, without the `go`: `1.20` but `1.21.0`, `1.25rc1` (go.dev/doc/toolchain#version). */
export function goName({ major, minor, patch, prerelease }: GoVersion): string {
  const zeroIsSilent = major === 1 && minor < 21;
  const base =
    patch === 0 && (zeroIsSilent || prerelease !== undefined)
      ? `${major}.${minor}`
      : `${major}.${minor}.${patch}`;
  return prerelease === undefined ? base : `${base}${prerelease.kind}${prerelease.number}`;
}

const withRevision = (name: string, { revision }: GoVersion): string =>
  revision === undefined ? name : `${name}-${revision}`;

/** The name of a release, with the revision that a vendor added: as in the names of archives. */
export const releaseName = (version: GoVersion): string => withRevision(goName(version), version);

/** The same release in semver's spelling, without a vendor's revision: what ranges are compared with. */
export function semverName({ major, minor, patch, prerelease }: GoVersion): string {
  const base = `${major}.${minor}.${patch}`;
  return prerelease === undefined ? base : `${base}-${prerelease.kind}.${prerelease.number}`;
}

/** What a release's folder in the tool cache is called. */
export const folderName = (version: GoVersion): string =>
  withRevision(semverName(version), version);

/**
 * Negative when `a` is older. A prerelease comes before its release, which comes before a vendor's revisions of
 * it.
 */
export function compareGoVersions(a: GoVersion, b: GoVersion): number {
  const kinds = ['alpha', 'beta', 'rc'];
  const rank = ({ prerelease }: GoVersion): number =>
    prerelease === undefined ? kinds.length : kinds.indexOf(prerelease.kind);
  return (
    a.major - b.major ||
    a.minor - b.minor ||
    a.patch - b.patch ||
    rank(a) - rank(b) ||
    (a.prerelease?.number ?? 0) - (b.prerelease?.number ?? 0) ||
    (a.revision ?? 0) - (b.revision ?? 0)
  );
}
