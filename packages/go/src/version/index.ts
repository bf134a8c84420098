export { readVersionFile, type VersionFileResult } from './file.ts';
export { newestMatch, parseVersionQuery, type VersionQuery } from './query.ts';
export { type ResolvedVersion, resolveVersion } from './resolution.ts';
export {
  compareGoVersions,
  type GoVersion,
  parseGoVersion,
  releaseName,
  semverName,
} from './version.ts';
