import { ActionError, type Log } from '@slipway/runtime';

/**
 * What happens to an upgrade that no rollback brings back whole: `warn` says so and goes on, as Helm
 * goes on; `refuse` stops before the first change.
 */
export type IrreversiblePolicy = 'warn' | 'refuse';

/** Says what cannot be undone. Throws ActionError under `refuse` when there is something. */
export function holdToReversible(
  log: Log,
  policy: IrreversiblePolicy,
  changes: readonly string[],
): void {
  if (changes.length === 0) return;
  const what = changes.join('; ');
  if (policy === 'warn') {
    log.warning(`No rollback brings this back: ${what}.`, { title: 'Not reversible' });
    return;
  }
  throw new ActionError(`The upgrade does what no rollback brings back: ${what}.`, {
    title: 'Nothing was changed',
    next: 'Set irreversible: warn for this one run if it is meant, or give the object the annotation helm.sh/resource-policy: keep.',
  });
}
