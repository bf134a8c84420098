import type { RollbackResult } from '@slipway/helm';
import { ActionError, errorMessage, InputError } from '@slipway/runtime';
import type { EarlierRelease } from './earlier-release.ts';

/** What came of a rollback, or why there was none. */
export type RollbackOutcome =
  | { kind: 'not-asked' }
  | { kind: 'done'; result: RollbackResult; earlier: EarlierRelease }
  | { kind: 'failed'; error: unknown };

/** What the old pods were found to be: nothing more than was seen. */
function earlierText(earlier: EarlierRelease, { proven, why }: RollbackResult): string {
  const unproven = proven ? '' : `, but not proven: ${why ?? 'no reason was given'}`;
  if (earlier.kind === 'not-verified')
    return proven
      ? `: objects as before; not verified: ${earlier.why}`
      : `${unproven}; not verified: ${earlier.why}`;
  const { verdict, cause } = earlier.result;
  if (verdict === 'unhealthy') return `, but the earlier revision is unhealthy too: ${cause}`;
  if (verdict === 'healthy')
    return proven ? ', verified healthy' : `${unproven}; its pods are healthy`;
  return proven
    ? `: objects as before; not verified: ${cause}`
    : `${unproven}; not verified: ${cause}`;
}

/** One sentence on the rollback, for the summary and the annotation; empty when none was asked for. */
export function rollbackText(rollback: RollbackOutcome): string {
  if (rollback.kind === 'not-asked') return '';
  if (rollback.kind === 'failed') return `not rolled back: ${errorMessage(rollback.error)}`;
  const { result, earlier } = rollback;
  return `rolled back to revision ${result.toRevision}${earlierText(earlier, result)}`;
}

/** Whether the release is back: Helm's rollback was proven, and nothing speaks against the old pods. */
export function isRolledBack(rollback: RollbackOutcome): boolean {
  if (rollback.kind !== 'done' || !rollback.result.proven) return false;
  return rollback.earlier.kind !== 'verified' || rollback.earlier.result.verdict !== 'unhealthy';
}

/** What a person should do after a rollback; undefined when none was asked for. */
export function afterRollback(rollback: RollbackOutcome): string | undefined {
  if (rollback.kind === 'not-asked') return undefined;
  if (rollback.kind === 'failed') {
    const { error } = rollback;
    const next =
      error instanceof ActionError || error instanceof InputError ? error.next : undefined;
    return next ?? 'Roll back by hand: helm history, then helm rollback.';
  }
  const { result, earlier } = rollback;
  const verdict = earlier.kind === 'verified' ? earlier.result.verdict : undefined;
  if (verdict === 'unhealthy')
    return 'Look at what both revisions share (a database, another service, the configuration), or roll back further: helm history, then helm rollback.';
  if (verdict === 'healthy' && result.proven)
    return 'Correct the release and deliver it again; the earlier one serves.';
  return 'Look whether the earlier revision serves; then correct the release and deliver it again.';
}
