import { ExecError } from '@slipway/exec';
import { causeText, type WorkloadRef } from '@slipway/kube';
import { createProgressLog } from '@slipway/rollout';
import { ActionError, errorMessage, retry } from '@slipway/runtime';
import { readHelmError, rollbackArguments, type HelmProblem } from '../tool/index.ts';
import {
  openReleaseStore,
  rollbackTarget,
  type ReleasePorts,
  type ReleaseStore,
  type StoredRevision,
} from '../release/index.ts';
import {
  followRollout,
  rolloutTargets,
  type RolloutOutcome,
  type RolloutTarget,
} from '../rollout/index.ts';
import { markGivenUp, markLeft } from './left-revision.ts';
import type { ImageDigests } from './image-digests.ts';
import { doubtsOfRollback, readRevisions, type WorkloadRevisions } from './proof.ts';

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
  /** Whether hooks are run; they are by default. */
  hooks?: boolean;
  /** What the pods were before, where the caller knows it. */
  revisions?: WorkloadRevisions;
  /** The images they ran, likewise. */
  images?: ImageDigests;
}

/** A rollback that Helm carried out. */
export interface RollbackResult {
  fromRevision: number;
  toRevision: number;
  newRevision: number;
  /** Helm's word for the new revision; `unknown` when it could not be read. */
  newStatus: string;
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
  const { release, namespace, historyMax = 10, hooks = true } = request;
  const { revision, serverSide } = target;
  const rollBack = async (): Promise<void> => {
    const timeoutMs = Math.max(5_000, deadlineMs - clock.now());
    const wanted = { release, namespace, revision, historyMax, timeoutMs, serverSide, hooks };
    await helm.run(rollbackArguments(wanted), { timeoutMs: timeoutMs + 5_000, signal });
  };
  const problemOf = (error: ExecError): HelmProblem => readHelmError(error.stderr, error.message);
  try {
    await retry(rollBack, {
      clock,
      signal,
      attempts,
      deadlineMs,
      firstDelayMs: 1_000,
      transient: (error) => error instanceof ExecError && problemOf(error).transient,
      onRetry: ({ error, attempt }) =>
        log.info(
          `Rollback attempt ${attempt - 1} failed for a passing reason: ${problemOf(error as ExecError).message}`,
        ),
    });
  } catch (cause) {
    if (!(cause instanceof ExecError)) throw cause;
    const { message, next } = problemOf(cause);
    throw new ActionError(
      `Helm could not roll ${release} back to revision ${target.revision}: ${message}`,
      {
        title: 'Rollback failed',
        next: next ?? `Look at \`helm history ${release} -n ${namespace}\` and roll back by hand.`,
        cause,
      },
    );
  }
}

/** The revision that is left, and the one to go back to. */
interface Way {
  from: StoredRevision;
  target: StoredRevision;
}

function findWay(history: readonly StoredRevision[], request: RollbackRequest): Way {
  const { release, namespace, toRevision } = request;
  const from = history[0];
  const target =
    toRevision === undefined
      ? rollbackTarget(history)
      : history.find(({ revision }) => revision === toRevision);
  if (from !== undefined && target !== undefined) return { from, target };
  throw new ActionError(
    toRevision === undefined || from === undefined
      ? `The release ${release} in ${namespace} has no earlier revision that worked.`
      : `The release ${release} in ${namespace} has no revision ${toRevision} any more.`,
    { title: 'Nothing to roll back to', next: 'Repair the release with a new upgrade.' },
  );
}

/** Workloads whose controller may leave pods of the revision that is given up as they are. */
function keepingPods(targets: readonly RolloutTarget[]): WorkloadRef[] {
  return targets
    .filter(({ ref, onDelete }) => ref.kind === 'statefulset' || onDelete)
    .map(({ ref }) => ref);
}

/** What the rollout of the old pods says against the rollback. */
function doubtsOfRollout(outcome: RolloutOutcome): readonly string[] {
  switch (outcome.kind) {
    case 'ready':
      return [];
    case 'unseen':
      return [outcome.why];
    case 'broken':
    case 'late':
      return [outcome.cause === undefined ? 'it was not ready in time' : causeText(outcome.cause)];
  }
}

/**
 * Reads what Helm left and proves it. Helm has rolled back by now: whatever cannot be read is a doubt,
 * not a failure.
 */
async function prove(
  ports: ReleasePorts,
  store: ReleaseStore,
  request: RollbackRequest,
  way: Way & { workloads: readonly WorkloadRef[] },
): Promise<{ newest: StoredRevision | undefined; doubts: readonly string[] }> {
  const { from, target, workloads } = way;
  const { because = 'on request', namespace, revisions = {}, images = {} } = request;
  let newest: StoredRevision | undefined;
  try {
    const after = await store.history();
    newest = after[0];
    await markLeft(ports, store, after, { revision: from.revision, because });
    const state = { namespace, newest, target, failed: from, workloads, revisions, images };
    return { newest, doubts: await doubtsOfRollback(ports, state) };
  } catch (error) {
    ports.signal.throwIfAborted();
    return { newest, doubts: [`it could not be proven: ${errorMessage(error)}`] };
  }
}

/**
 * Rolls a release back, waits until the old pods serve, and proves it. The revision left behind is
 * marked failed before Helm begins, so that no later rollback takes it for a good one, also when this one
 * is killed half-way. Throws ActionError when there is nothing to go back to or Helm refuses; a rollback that is done but not proven is a value.
 */
export async function rollbackRelease(
  ports: ReleasePorts,
  request: RollbackRequest,
): Promise<RollbackResult> {
  const { kube, clock, log } = ports;
  const { release, namespace, because = 'on request' } = request;
  const deadlineMs = clock.now() + request.timeoutMs;
  const store = openReleaseStore(kube, release, namespace, ports.helm.driver);
  const { from, target } = findWay(await store.history(), request);
  await markGivenUp(ports, store, from, because);
  const targets = await rolloutTargets(kube, {
    namespace,
    manifest: target.record.manifest ?? '',
    previousManifest: from.record.manifest,
    hooks: [],
    waitForJobs: false,
    withOnDelete: true,
  });
  const leftRevisions = await readRevisions(kube, keepingPods(targets));
  log.info(`Rolling ${release} back from revision ${from.revision} to ${target.revision}`);
  const serverSide = target.record.apply_method === 'ssa' && ports.helm.tool.major === 4;
  await runRollback(ports, request, { revision: target.revision, serverSide }, deadlineMs);
  const outcome = await followRollout({
    ...ports,
    progress: createProgressLog(log, clock),
    targets,
    applied: () => true,
    failFast: 'normal',
    leftRevisions,
    deadlineMs,
  }).outcome;
  const workloads = targets.filter(({ onDelete }) => !onDelete).map(({ ref }) => ref);
  const proof = await prove(ports, store, request, { from, target, workloads });
  const doubts = [...doubtsOfRollout(outcome), ...proof.doubts];
  return {
    fromRevision: from.revision,
    toRevision: target.revision,
    newRevision: proof.newest?.revision ?? target.revision,
    newStatus: proof.newest?.status ?? 'unknown',
    proven: doubts.length === 0,
    ...(doubts.length === 0 ? {} : { why: [...new Set(doubts)].slice(0, 5).join('; ') }),
  };
}
