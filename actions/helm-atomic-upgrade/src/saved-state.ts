import type { Operation } from '@slipway/helm';
import type { ClusterAccess } from './cluster-access.ts';

/** What main leaves for post. Paths and numbers only. */
export interface SavedState {
  access: ClusterAccess;
  /** Folder with the values layers. */
  folder: string;
  helmPath: string;
  /** Set while an upgrade is under way: what to undo when main did not come to an end. */
  operation: Operation | undefined;
}

/** Whether a value read from state is a SavedState. */
export function isSavedState(value: unknown): value is SavedState {
  const state = value as Partial<SavedState> | null;
  return (
    typeof state === 'object' &&
    state !== null &&
    typeof state.folder === 'string' &&
    typeof state.helmPath === 'string' &&
    typeof state.access === 'object'
  );
}

/**
 * The names and paths in the state. They come from inputs, the runner and the cluster's objects, all of
 * them known to everybody: a Secret that holds the word `orders` does not make the release `orders` one.
 */
export function namesIn({ access, folder, helmPath, operation }: SavedState): readonly string[] {
  const { kubeconfigPath = '', context, driver } = access;
  const { release = '', namespace = '', owner = '', revisions = {}, images = {} } = operation ?? {};
  return [
    folder,
    helmPath,
    kubeconfigPath,
    context,
    driver,
    release,
    namespace,
    owner,
    ...Object.entries(revisions).flat(),
    ...Object.entries(images).flatMap(([name, digests]) => [
      name,
      ...Object.entries(digests).flat(2),
    ]),
  ];
}
