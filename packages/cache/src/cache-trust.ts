/**
 * Who made a build entry, as its key says: a run of a protected ref's own code, or any other run. It tells honest
 * runs apart. Whoever runs code in a job can write an entry of any key, but only in the scope that GitHub gave
 * to that job.
 */
export type BuildClass = 'protected' | 'open';

/** Which build entries are restored: those of protected refs where a run ships, all, or none (and none is saved). */
export const buildCacheModes = ['trusted', 'all', 'off'] as const;

/** See `buildCacheModes`. */
export type BuildCacheMode = (typeof buildCacheModes)[number];

/** How a run stands to the build cache. */
export interface CacheTrust {
  /** The class that its entry gets. */
  saves: BuildClass;
  /** The classes that it may restore, the preferred one first; empty for none. */
  restores: readonly BuildClass[];
}

/** Events that run the code of the ref itself, and that only somebody with write access brings about. */
const ownEvents = ['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'];

/**
 * What a run may restore and save. A run ships when it is of a tag, a release or a protected ref. GitHub says of no
 * tag that it is protected (GITHUB_REF_PROTECTED stays false), so entries of tags are `open`.
 */
export function cacheTrust(
  mode: BuildCacheMode,
  run: { eventName: string; refType: string; refProtected: boolean },
): CacheTrust {
  const saves = run.refProtected && ownEvents.includes(run.eventName) ? 'protected' : 'open';
  const ships = run.refType === 'tag' || run.eventName === 'release' || run.refProtected;
  if (mode === 'off') return { saves, restores: [] };
  if (mode === 'trusted' && ships) return { saves, restores: ['protected'] };
  return { saves, restores: saves === 'open' ? ['open', 'protected'] : ['protected', 'open'] };
}
