import type { RollbackOperation } from '@slipway/helm';
import type { HelmAccess } from './helm-access.ts';

/** What main leaves for post. Paths, names and numbers only. */
export interface SavedState {
  access: HelmAccess;
  /** Set while a rollback is under way: what to finish when main did not come to an end. */
  operation: RollbackOperation | undefined;
}

/**
 * The names and paths in the state. They come from inputs, the runner and the cluster's objects, all of
 * them known to everybody: a password `orders` does not make the release `orders` a secret.
 */
export function namesIn({ access, operation }: SavedState): readonly string[] {
  const { helmPath, kubeconfigPath = '', context } = access;
  const { release = '', namespace = '', owner = '', because = '' } = operation ?? {};
  return [helmPath, kubeconfigPath, context, release, namespace, owner, because];
}

/** Whether a value read from state is a SavedState. */
export function isSavedState(value: unknown): value is SavedState {
  const state = value as Partial<SavedState> | null;
  return typeof state === 'object' && state !== null && typeof state.access?.helmPath === 'string';
}
