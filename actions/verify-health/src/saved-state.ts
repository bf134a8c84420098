/** What main leaves for post: the kubeconfig that it wrote for Helm, by its path. */
export interface SavedState {
  kubeconfigPath: string;
}

/** Whether a value read from state is a SavedState. */
export function isSavedState(value: unknown): value is SavedState {
  const state = value as Partial<SavedState> | null;
  return typeof state === 'object' && state !== null && typeof state.kubeconfigPath === 'string';
}
