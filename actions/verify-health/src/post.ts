import { systemExec } from '@slipway/exec';
import {
  finishRollback,
  probeHelm,
  type FinishedRollback,
  type RollbackOperation,
} from '@slipway/helm';
import { createKubeClient, loadKubeConfig, removeKubeconfigFile } from '@slipway/kube';
import { renderStepSummary } from '@slipway/report';
import { CredentialLeftError, errorMessage, type Run } from '@slipway/runtime';
import { helmAt, type HelmAccess } from './helm-access.ts';
import { isSavedState, type SavedState } from './saved-state.ts';

/** Finishes a rollback that main could not, then removes the kubeconfig that it wrote. Reads state only. */
export async function post(run: Run): Promise<void> {
  const state = run.state.load('rollback', isSavedState);
  if (state === undefined) return;
  try {
    await finish(run, state);
  } finally {
    await removeKubeconfig(state.access);
  }
}

async function finishWith(
  run: Run,
  access: HelmAccess,
  operation: RollbackOperation,
): Promise<FinishedRollback> {
  const { env, log, clock, signal, maskSecret } = run;
  const exec = systemExec({ log, env });
  const tool = await probeHelm(exec, access.helmPath);
  const target = await loadKubeConfig({
    env,
    ...(access.kubeconfigPath === undefined ? {} : { path: access.kubeconfigPath }),
    context: access.context,
  });
  const kube = createKubeClient(target, { env, log, exec, clock, signal, maskSecret });
  try {
    const helm = helmAt(run, tool, access, operation.owner);
    const redact = (text: string): string => run.redact(text, []);
    return await finishRollback({ helm, kube, clock, log, signal, redact }, operation);
  } finally {
    await kube.close();
  }
}

async function finish(run: Run, { access, operation }: SavedState): Promise<void> {
  if (operation === undefined) return;
  const { release, namespace, revision } = operation;
  const title = `verify-health: ${release} in ${namespace}`;
  try {
    run.log.info(`The rollback of ${release} was cut off; finishing it`);
    const finished = await finishWith(run, access, operation);
    const told = describe(finished, operation);
    run.log.info(told);
    const isProven = finished.did !== 'rolled-back' || finished.result.proven;
    await run.summary.append(
      renderStepSummary({
        title,
        outcome: isProven ? 'warning' : 'failed',
        facts: [['rollback', `cut off: ${told}`]],
      }),
    );
  } catch (error) {
    await run.summary.append(
      renderStepSummary({
        title,
        outcome: 'failed',
        facts: [['rollback', 'cut off, and it could not be finished']],
        cause: errorMessage(error),
        next: `Look at helm history ${release} -n ${namespace}; revision ${revision} is unhealthy.`,
      }),
    );
    throw error;
  }
}

function describe(finished: FinishedRollback, { revision }: RollbackOperation): string {
  switch (finished.did) {
    case 'marked':
      return `Helm had not begun; revision ${revision} stays and is marked failed`;
    case 'nothing':
      return `revision ${finished.newest} is ${finished.status}; revision ${revision} is marked failed`;
    case 'rolled-back': {
      const { toRevision, proven, why } = finished.result;
      const doubt = proven ? 'objects as before; not verified' : `not proven: ${why ?? 'unknown'}`;
      return `rolled back to revision ${toRevision}, ${doubt}`;
    }
  }
}

async function removeKubeconfig({ written, kubeconfigPath }: HelmAccess): Promise<void> {
  if (!written || kubeconfigPath === undefined) return;
  try {
    await removeKubeconfigFile(kubeconfigPath);
  } catch (cause) {
    throw new CredentialLeftError('The kubeconfig could not be removed from this runner.', {
      next: `Remove ${kubeconfigPath} by hand.`,
      cause,
    });
  }
}
