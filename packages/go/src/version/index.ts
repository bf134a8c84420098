export { readVersionFile, type VersionFileOptions, type VersionFileResult } from './file.ts';
export { nearestReleases } from './nearest.ts';
export { newestMatch, parseVersionQuery, type VersionQuery } from './query.ts';
export { type ResolvedVersion, resolveVersion } from './resolution.ts';
export {
  compareGoVersions,
  folderName,
  goName,
  type GoVersion,
  parseGoVersion,
  releaseName,
  semverName,
} from './version.ts';
