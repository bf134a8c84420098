import { systemExec } from '@slipway/exec';
import type { VerifyResult } from '@slipway/health';
import {
  createHelmRunner,
  helmOfRun,
  lockRelease,
  ownerOfRun,
  rollbackRelease,
  type RollbackResult,
} from '@slipway/helm';
import { readWorkload, removeKubeconfigFile, writeKubeconfigFile } from '@slipway/kube';
import { ActionError, type Run } from '@slipway/runtime';
import type { Cluster } from './cluster.ts';
import type { Inputs } from './inputs.ts';
import type { SavedState } from './saved-state.ts';

const lockPatienceMs = 60_000;

/** The Helm release that made a workload, by the input or by Helm's own annotations. */
function releaseOf(inputs: Inputs, result: VerifyResult): { release: string; namespace: string } {
  const { workload } = result;
  const annotations = workload?.metadata.annotations ?? {};
  const release = inputs.release || annotations['meta.helm.sh/release-name'];
  if (release === undefined || release === '')
    throw new ActionError(
      `${inputs.workload.kind}/${inputs.workload.name} was not made by Helm: it has no annotation meta.helm.sh/release-name.`,
      { title: 'Rollback not possible', next: 'Set the input release, or roll back by hand.' },
    );
  const namespace =
    annotations['meta.helm.sh/release-namespace'] ??
    workload?.ref.namespace ??
    inputs.workload.namespace;
  return { release, namespace };
}

/**
 * Rolls the release behind an unhealthy workload back. Does nothing when another revision has come since
 * it was judged. Throws ActionError when there is nothing to roll back to, or Helm refuses.
 */
export async function rollBack(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
  result: VerifyResult,
): Promise<RollbackResult> {
  const { log, env, clock, signal, runner } = run;
  const { release, namespace } = releaseOf(inputs, result);
  const judged = result.workload;
  if (
    judged !== undefined &&
    (await readWorkload(cluster.client, judged.ref)).revision !== judged.revision
  )
    throw new ActionError(
      `Another revision of ${release} has been rolled out since it was judged.`,
      {
        title: 'Not rolled back',
        next: 'Verify the newer revision; use a concurrency group in the workflow.',
      },
    );
  const exec = systemExec({ log, env });
  const tool = await helmOfRun(run, exec, { version: inputs.helmVersion });
  const { source } = cluster;
  const written =
    source.kind === 'text'
      ? await writeKubeconfigFile(runner.tempDir, source.text, run.maskSecret)
      : undefined;
  const kubeconfig = written ?? (source.kind === 'file' ? source.path : undefined);
  if (written !== undefined)
    run.state.save('rollback', { kubeconfigPath: written } satisfies SavedState);
  const owner = ownerOfRun(run);
  const ports = { kube: cluster.client, clock, log, signal };
  try {
    const lock = await lockRelease({
      ...ports,
      release,
      namespace,
      owner,
      timeoutMs: lockPatienceMs,
    });
    try {
      const { context } = cluster.target;
      const helm = createHelmRunner(exec, tool, { kubeconfig, context, owner });
      return await rollbackRelease(
        { ...ports, helm, signal: AbortSignal.any([signal, lock.lost]) },
        { release, namespace, timeoutMs: inputs.rollbackTimeoutMs, because: result.cause },
      );
    } finally {
      await lock.release();
    }
  } finally {
    if (written !== undefined) await removeKubeconfigFile(written);
  }
}
