export { discoverResources, listApiVersions } from './api-resources.ts';
export { lastServing, rollbackTarget } from './history.ts';
export { comparable, findDrift, sameObject, type Drift } from './drift.ts';
export { findExisting } from './existing-objects.ts';
export { readLiveObject, readObjects } from './live-objects.ts';
export { lockRelease, type LockRequest, type ReleaseLock } from './lock.ts';
export {
  type ManifestObject,
  objectKey,
  objectName,
  parseManifest,
  plainObject,
} from './manifest.ts';
export { ensureNamespace, type NamespaceWish } from './namespace.ts';
export { visitObjects } from './object-visit.ts';
export { recoverPending } from './pending.ts';
export type { ReleasePorts } from './ports.ts';
export {
  decodeRelease,
  isPending,
  type ReleaseHook,
  type ReleaseRecord,
  type ReleaseStatus,
} from './record.ts';
export { rememberReads } from './remembered-reads.ts';
export {
  openReleaseStore,
  type ReleaseStore,
  storagePath,
  storageResource,
  type StoredRevision,
  writtenByHelm,
} from './store.ts';
