export {
  parseAccessPlace,
  placeOfPattern,
  privatePatterns,
  shownPlace,
  type AccessPlace,
} from './access-place.ts';
export {
  netrcPasswords,
  placesOf,
  readNetrc,
  readTokens,
  tokensOf,
  type Credential,
} from './credentials.ts';
export type { OwnRepository } from './git-config.ts';
export { isPublishedHost } from './known-hosts.ts';
export { downloadModules, type ModuleDownload } from './module-download.ts';
export { hasAccess, writePrivateAccess, type PrivateAccess } from './private-access.ts';
export { readSshKeys, type SshKey } from './ssh-keys.ts';
