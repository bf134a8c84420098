import { ExecError } from '@slipway/exec';
import { causeText } from '@slipway/kube';
import { ActionError } from '@slipway/runtime';
import { rollbackArguments, readHelmError } from '../tool/index.ts';
import {
  type ReleasePorts,
  rollbackTarget,
  isPending,
  openReleaseStore,
} from '../release/index.ts';
import { doubtsOfRollback, type WorkloadRevisions } from './proof.ts';
import { rolloutTargets, followRollout } from '../rollout/index.ts';
import { createProgressLog } from '@slipway/rollout';

/** Which release goes back, and how long that may take. */
export interface RollbackRequest {
  release: string;
  namespace: string;
  /** The last revision that worked when absent. */
  toRevision?: number;
  timeoutMs: number;
  /** Why, for the history. */
  because?: string;
  historyMax?: number;
  /** What the pods were before, where the caller knows it. */
  revisions?: WorkloadRevisions;
}

/** A rollback that Helm carried out. */
export interface RollbackResult {
  fromRevision: number;
  toRevision: number;
  newRevision: number;
  /** True only when everything that can be compared was compared and is as it was. */
  proven: boolean;
  /** What speaks against it. */
  why?: string;
}

const attempts = 3;

async function runRollback(
  ports: ReleasePorts,
  request: RollbackRequest,
  target: { revision: number; serverSide: boolean },
  deadlineMs: number,
): Promise<void> {
  const { clock, helm, log, signal } = ports;
  const { release, namespace, historyMax = 10 } = request;
  for (let attempt = 1; ; attempt += 1) {
    const timeoutMs = Math.max(5_000, deadlineMs - clock.now());
    try {
      await helm.run(rollbackArguments({ release, namespace, ...target, historyMax, timeoutMs }), {
        timeoutMs: timeoutMs + 5_000,
        signal,
      });
      return;
    } catch (cause) {
      if (!(cause instanceof ExecError)) throw cause;
      const problem = readHelmError(cause.stderr, cause.message);
      if (!problem.transient || attempt >= attempts || clock.now() >= deadlineMs)
        throw new ActionError(
          `Helm could not roll ${release} back to revision ${target.revision}: ${problem.message}`,
          {
            title: 'Rollback failed',
            next:
              problem.next ??
              `Look at \`helm history ${release} -n ${namespace}\` and roll back by hand.`,
            cause,
          },
        );
      log.info(`Rollback attempt ${attempt} failed for a passing reason: ${problem.message}`);
      await clock.sleep(1_000 * 2 ** (attempt - 1), signal);
    }
  }
}

/**
 * Rolls a release back, waits until the old pods serve, and proves it. The revision left behind is
 * marked failed, so that no later rollback takes it for a good one. Throws ActionError when there is
 * nothing to go back to or Helm refuses; a rollback that is done but not proven is a value.
 */
export async function rollbackRelease(
  ports: ReleasePorts,
  request: RollbackRequest,
): Promise<RollbackResult> {
  const { kube, clock, log, signal } = ports;
  const { release, namespace } = request;
  const deadlineMs = clock.now() + request.timeoutMs;
  const store = openReleaseStore(kube, release, namespace);
  const history = await store.history();
  const from = history[0];
  const target =
    request.toRevision === undefined
      ? rollbackTarget(history)
      : history.find(({ revision }) => revision === request.toRevision);
  if (from === undefined || target === undefined)
    throw new ActionError(
      request.toRevision === undefined || from === undefined
        ? `The release ${release} in ${namespace} has no earlier revision that worked.`
        : `The release ${release} in ${namespace} has no revision ${request.toRevision} any more.`,
      { title: 'Nothing to roll back to', next: 'Repair the release with a new upgrade.' },
    );
  if (isPending(from.status)) await store.mark(from, 'failed', 'Failed: given up half-way');
  const targets = await rolloutTargets(kube, {
    namespace,
    manifest: target.record.manifest ?? '',
    previousManifest: from.record.manifest,
    hooks: [],
    waitForJobs: false,
  });
  log.info(`Rolling ${release} back from revision ${from.revision} to ${target.revision}`);
  const serverSide = target.record.apply_method === 'ssa' && ports.helm.tool.major === 4;
  await runRollback(ports, request, { revision: target.revision, serverSide }, deadlineMs);

  const outcome = await followRollout({
    kube,
    clock,
    log,
    progress: createProgressLog(log, clock),
    targets,
    applied: () => true,
    deadlineMs,
    signal,
  }).outcome;
  const after = await store.history();
  const newest = after[0];
  const left = after.find(({ revision }) => revision === from.revision);
  if (left !== undefined && left.revision !== newest?.revision && left.status !== 'failed')
    await store
      .mark(
        left,
        'failed',
        `Failed and rolled back: ${request.because ?? 'on request'}`.slice(0, 300),
      )
      .catch(() => log.debug(`Revision ${left.revision} could not be marked failed.`));
  const doubts = [
    ...(outcome.kind === 'ready'
      ? []
      : outcome.kind === 'unseen'
        ? [outcome.why]
        : [outcome.cause === undefined ? 'it was not ready in time' : causeText(outcome.cause)]),
    ...(await doubtsOfRollback(kube, {
      namespace,
      newest,
      target,
      failed: from,
      workloads: targets.map(({ ref }) => ref),
      revisions: request.revisions ?? {},
    })),
  ];
  return {
    fromRevision: from.revision,
    toRevision: target.revision,
    newRevision: newest?.revision ?? target.revision,
    proven: doubts.length === 0,
    ...(doubts.length === 0 ? {} : { why: [...new Set(doubts)].slice(0, 5).join('; ') }),
  };
}
