import { removeKubeconfigFile } from '@slipway/kube';
import { CredentialLeftError, type Run } from '@slipway/runtime';
import { isSavedState } from './saved-state.ts';

/** Removes the kubeconfig that a rollback wrote, for when main was killed before it could. */
export async function post(run: Run): Promise<void> {
  const state = run.state.load('rollback', isSavedState);
  if (state === undefined) return;
  try {
    await removeKubeconfigFile(state.kubeconfigPath);
  } catch (cause) {
    throw new CredentialLeftError('The kubeconfig could not be removed from this runner.', {
      next: `Remove ${state.kubeconfigPath} by hand.`,
      cause,
    });
  }
}
