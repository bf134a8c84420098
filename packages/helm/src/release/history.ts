import type { StoredRevision } from './store.ts';

/**
 * Whether a revision stands for something that once worked. After a failed rollback Helm calls a
 * revision that never worked `superseded`, and only its description tells (helm/helm#8037).
 */
function everWorked({ status, record }: StoredRevision): boolean {
  if (status === 'deployed') return true;
  return status === 'superseded' && !/\bfailed\b/i.test(record.info.description ?? '');
}

/**
 * The revision that counts as what the release is: the one called `deployed`, else the last that worked
 * (a rollback that was cut off leaves none). Undefined when none did, and after an uninstall that kept
 * its history. `history` is the newest first.
 */
export function lastServing(history: readonly StoredRevision[]): StoredRevision | undefined {
  if (history[0]?.status === 'uninstalled') return undefined;
  return history.find(({ status }) => status === 'deployed') ?? history.find(everWorked);
}

/**
 * The revision to go back to from the newest one: the one still called `deployed`, else the last that
 * worked. Undefined when none did. `history` is the newest first.
 */
export function rollbackTarget(history: readonly StoredRevision[]): StoredRevision | undefined {
  const earlier = history.slice(1);
  return earlier.find(({ status }) => status === 'deployed') ?? earlier.find(everWorked);
}
