import type { VerifyResult } from '@slipway/health';
import {
  lockRelease,
  ownerOfRun,
  rollbackRelease,
  rollbackWay,
  storageDriver,
  type RollbackOperation,
  type RollbackResult,
  type StorageDriver,
} from '@slipway/helm';
import { readWorkload, removeKubeconfigFile, writeKubeconfigFile } from '@slipway/kube';
import { ActionError, type Run } from '@slipway/runtime';
import type { Cluster } from './cluster.ts';
import { helmAt, type HelmAccess } from './helm-access.ts';
import type { Inputs } from './inputs.ts';
import { releaseOf, type RollbackMeans } from './rollback-means.ts';
import { namesIn, type SavedState } from './saved-state.ts';

const lockPatienceMs = 60_000;
/** What post may take to finish a rollback that was cut off: a cancelled job is not kept for longer. */
const longestFinishMs = 300_000;

/** Throws ActionError when another revision has come since the verdict. */
async function holdToRevision(cluster: Cluster, release: string, result: VerifyResult) {
  const judged = result.workload;
  if (judged === undefined) return;
  const { revision } = await readWorkload(cluster.client, judged.ref);
  if (revision !== judged.revision)
    throw new ActionError(
      `Another revision of ${release} has been rolled out since it was judged.`,
      {
        title: 'Not rolled back',
        next: 'Verify the newer revision; use a concurrency group in the workflow.',
      },
    );
}

async function accessOf(
  run: Run,
  cluster: Cluster,
  helm: Pick<HelmAccess, 'helmPath' | 'driver'>,
): Promise<HelmAccess> {
  const { source, target } = cluster;
  const written = source.kind === 'text';
  const kubeconfigPath = written
    ? await writeKubeconfigFile(run.runner.tempDir, source.text, run.maskSecret)
    : undefined;
  return {
    ...helm,
    kubeconfigPath: kubeconfigPath ?? (source.kind === 'file' ? source.path : undefined),
    written,
    context: target.context,
  };
}

/** What post needs to finish the rollback; undefined when there is nothing that it could do. */
async function operationOf(
  cluster: Cluster,
  of: { release: string; namespace: string; owner: string; rollbackMs: number },
  driver: StorageDriver,
): Promise<RollbackOperation | undefined> {
  const { release, namespace } = of;
  const { newest, target } = await rollbackWay(cluster.client, { release, namespace, driver });
  if (newest === undefined || target === undefined) return undefined;
  // Not the cause: it quotes pods, and state must hold nothing that may be secret.
  const because = 'verify-health found it unhealthy';
  return { ...of, revision: newest, target, because };
}

/**
 * Rolls the release behind an unhealthy workload back. Does nothing when another revision has come since
 * it was judged. When the job is cancelled meanwhile, post finishes it. Throws ActionError when there is
 * nothing to roll back to, or Helm refuses.
 */
export async function rollBack(
  run: Run,
  at: { cluster: Cluster; inputs: Inputs; means: RollbackMeans },
  result: VerifyResult,
): Promise<RollbackResult> {
  const { log, clock, signal } = run;
  const { cluster, inputs, means } = at;
  const { release, namespace } = releaseOf(inputs, result.workload, cluster);
  await holdToRevision(cluster, release, result);
  const owner = ownerOfRun(run);
  const timeoutMs = inputs.rollbackTimeoutMs;
  const rollbackMs = Math.min(timeoutMs, longestFinishMs);
  const driver = storageDriver(run.env);
  const of = { release, namespace, owner, rollbackMs };
  const operation = await operationOf(cluster, of, driver);
  const access = await accessOf(run, cluster, { helmPath: means.helm.path, driver });
  const save = (left: RollbackOperation | undefined): void => {
    const state: SavedState = { access, operation: left };
    run.state.save('rollback', state, [...namesIn(state), driver]);
  };
  save(operation);
  const redact = (text: string): string => run.redact(text, []);
  const ports = { kube: cluster.client, clock, log, signal, redact };
  try {
    const request = { release, namespace, owner, timeoutMs: lockPatienceMs };
    const lock = await lockRelease({ ...ports, ...request });
    try {
      const helm = helmAt(run, means.helm, access, owner);
      return await rollbackRelease(
        { ...ports, helm, signal: AbortSignal.any([signal, lock.lost]) },
        { release, namespace, timeoutMs, because: result.cause },
      );
    } finally {
      await lock.release();
    }
  } finally {
    // A job that is cancelled leaves its rollback to post, which needs the file for it.
    if (!signal.aborted) {
      save(undefined);
      if (access.written && access.kubeconfigPath !== undefined)
        await removeKubeconfigFile(access.kubeconfigPath);
    }
  }
}
