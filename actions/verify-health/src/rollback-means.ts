import { systemExec } from '@slipway/exec';
import { helmOfRun, rollbackOutlook, storageDriver, type HelmTool } from '@slipway/helm';
import { KubeError, readWorkload, type Workload } from '@slipway/kube';
import { ActionError, type Run } from '@slipway/runtime';
import type { Cluster } from './cluster.ts';
import type { Inputs } from './inputs.ts';

/** What a rollback takes, looked for before it is needed. */
export interface RollbackMeans {
  helm: HelmTool;
}

const title = 'Rollback not possible';
const orFail = 'or set on-unhealthy: fail';

/** The Helm release that made a workload, by the input or by Helm's own annotations. Throws ActionError. */
export function releaseOf(
  inputs: Inputs,
  workload: Workload | undefined,
  cluster: Cluster,
): { release: string; namespace: string } {
  const annotations = workload?.metadata.annotations ?? {};
  const release = inputs.release || annotations['meta.helm.sh/release-name'];
  if (release === undefined || release === '')
    throw new ActionError(
      `${inputs.workload.kind}/${inputs.workload.name} was not made by Helm: it has no annotation meta.helm.sh/release-name.`,
      { title, next: `Set the input release, ${orFail} and roll back by hand.` },
    );
  const namespace =
    annotations['meta.helm.sh/release-namespace'] ??
    workload?.ref.namespace ??
    (inputs.workload.namespace || cluster.target.namespace);
  return { release, namespace };
}

/** Whether the release can be rolled back. Throws ActionError when it surely cannot, KubeError otherwise. */
async function holdToRelease(run: Run, cluster: Cluster, inputs: Inputs): Promise<void> {
  const { log } = run;
  const { kind, name } = inputs.workload;
  const namespaced = inputs.workload.namespace || cluster.target.namespace;
  const workload = await readWorkload(cluster.client, { kind, name, namespace: namespaced });
  const { release, namespace } = releaseOf(inputs, workload, cluster);
  const driver = storageDriver(run.env);
  const outlook = await rollbackOutlook(cluster.client, { release, namespace, driver });
  if (outlook.lacking.length > 0)
    throw new ActionError(
      `${release} could not be rolled back: these credentials lack ${outlook.lacking.join(', ')} in namespace ${namespace}.`,
      { title, next: `Give the service account the role of helm-atomic-upgrade, ${orFail}.` },
    );
  if (outlook.newest === undefined)
    throw new ActionError(
      `There is no Helm release ${release} in namespace ${namespace}, so nothing could be rolled back.`,
      { title, next: `Correct the input release, ${orFail}.` },
    );
  if (outlook.target === undefined)
    log.warning(
      `The release ${release} has no earlier revision that worked: unhealthy would leave it as it is.`,
      { title: 'Nothing to roll back to' },
    );
  if (outlook.unlocked.length > 0)
    log.warning(
      `A rollback of ${release} would not be locked against other jobs: these credentials lack ${outlook.unlocked.join(', ')}.`,
      { title: 'No lock' },
    );
}

/**
 * Finds what a rollback takes before the verification begins, so that what is missing is told now and not
 * after the verdict; undefined when none is asked for. Throws ActionError for what makes it impossible;
 * an API server that does not answer is the verification's to tell.
 */
export async function findRollbackMeans(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
): Promise<RollbackMeans | undefined> {
  if (inputs.onUnhealthy !== 'rollback') return undefined;
  const { log, env, signal } = run;
  const held = holdToRelease(run, cluster, inputs).catch((error: unknown) => {
    signal.throwIfAborted();
    if (!(error instanceof KubeError)) throw error;
    log.debug(`Whether a rollback would be possible is not known: ${error.message}`);
  });
  const helm = helmOfRun(run, systemExec({ log, env }), { version: inputs.helmVersion });
  const [tool] = await Promise.all([helm, held]);
  return { helm: tool };
}
