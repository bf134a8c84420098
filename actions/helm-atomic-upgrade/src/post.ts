import * as fs from 'node:fs/promises';
import { finishInterrupted, type InterruptedResult } from '@slipway/helm';
import { removeKubeconfigFile } from '@slipway/kube';
import { renderStepSummary } from '@slipway/report';
import { CredentialLeftError, errorMessage, type Run } from '@slipway/runtime';
import { connect, reopenHelm } from './cluster-access.ts';
import { isSavedState, type SavedState } from './saved-state.ts';

/** Finishes an upgrade that main could not, then removes what it wrote. Reads state only. */
export async function post(run: Run): Promise<void> {
  const state = run.state.load('upgrade', isSavedState);
  if (state === undefined) return;
  try {
    await finish(run, state);
  } finally {
    await removeFiles(state);
  }
}

async function finish(run: Run, state: SavedState): Promise<void> {
  const { operation } = state;
  if (operation === undefined) return;
  const { release, namespace } = operation;
  const title = `helm-atomic-upgrade: ${release} in ${namespace}`;
  const tool = await reopenHelm(run, state.helmPath);
  const connected = await connect(run, state.access, tool, { owner: operation.owner });
  const ports = { ...connected, helm: await connected.helm };
  try {
    run.log.info(`The upgrade of ${release} was cut off; finishing it`);
    const result = await finishInterrupted(ports, operation);
    run.log.info(describe(result));
    await run.summary.append(
      renderStepSummary({
        title,
        outcome: result.undone?.proven === false ? 'failed' : 'warning',
        facts: [
          ['result', `cut off: ${describe(result)}`],
          ...(result.undone === undefined ? [] : [['status', result.undone.status] as const]),
        ],
      }),
    );
    if (result.undone?.doubts !== undefined)
      run.log.warning(`${title}: the rollback is not proven: ${result.undone.doubts}`);
  } catch (error) {
    await run.summary.append(
      renderStepSummary({
        title,
        outcome: 'failed',
        facts: [['result', 'cut off, and the clean-up failed']],
        cause: errorMessage(error),
        next: `Look at helm history ${release} -n ${namespace}; the next run of this step recovers it.`,
      }),
    );
    throw error;
  } finally {
    await ports.close();
  }
}

function describe({ did, undone }: InterruptedResult): string {
  if (did === 'nothing') return 'Helm had not begun, so nothing was changed';
  if (did === 'kept') return 'the new revision was deployed and serves, so it stays';
  if (undone?.outcome === 'uninstalled') return 'the first install was taken away again';
  if (undone?.rolledBack === true)
    return `rolled back, revision ${undone.revision ?? '?'} is ${undone.status}${undone.proven === true ? ' and proven' : ''}`;
  return `marked ${undone?.status ?? 'failed'}; there was nothing to roll back to`;
}

async function removeFiles(state: SavedState): Promise<void> {
  try {
    await fs.rm(state.folder, { recursive: true, force: true });
    const { kubeconfigPath, written } = state.access;
    if (written && kubeconfigPath !== undefined) await removeKubeconfigFile(kubeconfigPath);
  } catch (cause) {
    throw new CredentialLeftError('Values or a kubeconfig could not be removed from this runner.', {
      next: `Remove ${state.folder} by hand.`,
      cause,
    });
  }
}
