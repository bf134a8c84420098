import { KubeError, withLogTail, type Cause, type KubeClient } from '@slipway/kube';
import {
  lastingTroubles,
  observeRollouts,
  progressLine,
  rolloutTruth,
  type ProgressLog,
  type RolloutObserver,
  type RolloutState,
  type RolloutTruth,
} from '@slipway/rollout';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import { createHookCauses, type HookCauses } from './hook-causes.ts';
import type { RolloutTarget } from './targets.ts';

/** How a rollout ended. */
export type RolloutOutcome =
  | { kind: 'ready' }
  /** It cannot become ready, or will not in useful time. */
  | { kind: 'broken'; cause: Cause }
  /** `deadlineMs` passed; `cause` is what kept it, as far as it can be seen. */
  | { kind: 'late'; cause: Cause | undefined; waitingFor: string }
  /** The credentials do not allow to look; only Helm's own wait can tell. */
  | { kind: 'unseen'; why: string };

/** What following a rollout needs. */
export interface RolloutRequest {
  kube: KubeClient;
  clock: Clock;
  log: Log;
  progress: ProgressLog;
  targets: readonly RolloutTarget[];
  /** Whether Helm has applied everything. Until then nothing counts as ready. */
  applied: () => boolean;
  /** Milliseconds since 1970. */
  deadlineMs: number;
  signal: AbortSignal;
}

/** A rollout that is being followed. */
export interface Rollout {
  outcome: Promise<RolloutOutcome>;
  /** Looks again at once; call it when `applied` turned true. */
  lookNow: () => void;
  /** What went wrong with hooks so far; their pods may be gone by the time one asks. */
  hookCause(): Promise<Cause | undefined>;
}

const slowestTickMs = 2_000;
const shortestGapMs = 300;
/** Added for a workload that the upgrade did not change: it may have been ill before. */
const unchangedMoreMs = 60_000;

/** Whether the target is still as it was before Helm began. */
function isUntouched(target: RolloutTarget, { workload }: RolloutState): boolean {
  const { before, hook } = target;
  return (
    before !== undefined &&
    workload?.metadata.uid === before.uid &&
    (hook || (workload.metadata.generation ?? 0) === before.generation)
  );
}

/** Why the target counts as broken; undefined while there is hope. */
function brokenBy(target: RolloutTarget, truth: RolloutTruth, nowMs: number): Cause | undefined {
  const [lasting] = lastingTroubles(truth, nowMs, target.changed ? 0 : unchangedMoreMs);
  if (lasting !== undefined) return lasting.cause;
  return target.changed && !target.hook ? truth.gaveUp : undefined;
}

interface Following {
  request: RolloutRequest;
  observer: RolloutObserver;
  settled: Set<RolloutTarget>;
}

const unsettled = ({ request, settled }: Following): RolloutTarget[] =>
  request.targets.filter((target) => !settled.has(target));

/** Looks at every open target once. */
async function look(following: Following): Promise<Cause | 'ready' | undefined> {
  const { request, observer, settled } = following;
  const { kube, clock, progress } = request;
  const open = unsettled(following);
  await observer.look(open.map(({ ref }) => ref));
  for (const target of open) {
    const { ref, hook, changed } = target;
    const state = observer.state(ref);
    const truth = rolloutTruth(state, clock.now());
    const waits = changed && isUntouched(target, state) && (hook || !request.applied());
    if (truth === undefined || waits) continue;
    if (!hook) progress.tell(ref.name, progressLine(truth), truth.status.done);
    const cause = brokenBy(target, truth, clock.now());
    if (cause !== undefined) return await withLogTail(kube, ref.namespace, cause);
    if (request.applied() && !hook && truth.status.done) settled.add(target);
  }
  const rest = unsettled(following).filter(({ hook }) => !hook);
  return request.applied() && rest.length === 0 ? 'ready' : undefined;
}

/** What the deadline found unfinished. */
async function late(following: Following, hooks: HookCauses): Promise<RolloutOutcome> {
  const { request, observer } = following;
  for (const { ref, hook } of unsettled(following)) {
    const truth = hook ? undefined : rolloutTruth(observer.state(ref), request.clock.now());
    if (truth === undefined || truth.status.done) continue;
    const seen = truth.troubles[0]?.cause;
    const cause =
      seen === undefined ? undefined : await withLogTail(request.kube, ref.namespace, seen);
    return { kind: 'late', cause, waitingFor: `${ref.kind}/${ref.name}: ${truth.status.message}` };
  }
  return { kind: 'late', cause: await hooks.first(), waitingFor: 'Helm' };
}

async function follow(following: Following, hooks: HookCauses): Promise<RolloutOutcome> {
  const { request, observer } = following;
  const { clock, log, signal, deadlineMs } = request;
  try {
    for (;;) {
      signal.throwIfAborted();
      const startedMs = clock.now();
      try {
        const verdict = await look(following);
        if (verdict === 'ready') return { kind: 'ready' };
        if (verdict !== undefined) return { kind: 'broken', cause: verdict };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof KubeError && (error.status === 401 || error.status === 403))
          return { kind: 'unseen', why: error.message };
        log.debug(`The rollout could not be read: ${errorMessage(error)}`);
      }
      if (clock.now() >= deadlineMs) return await late(following, hooks);
      // A release of many workloads is read less often, so that the API server keeps its breath.
      const gapMs = Math.max(shortestGapMs, 3 * (clock.now() - startedMs));
      await clock.sleep(gapMs, signal);
      await observer.next(Math.max(0, Math.min(slowestTickMs, deadlineMs - clock.now())));
    }
  } finally {
    await observer.stop();
  }
}

/**
 * Follows the rollout of `targets`: reads them whenever a pod changes, and at least every 2 s, until
 * all are ready, one is broken by the rules of the package rollout, or the deadline passes. Errors of
 * the API are waited out until the deadline. Rejects with the signal's reason on abort.
 */
export function followRollout(request: RolloutRequest): Rollout {
  const hooks = createHookCauses(request);
  const observer = observeRollouts(
    { ...request, client: request.kube },
    {
      refs: request.targets.map(({ ref }) => ref),
      // Their pods may come and go before the workload has been read once.
      wholeNamespace: request.targets.some(({ hook, before }) => hook || before === undefined),
      onPod: hooks.note,
    },
  );
  return {
    outcome: follow({ request, observer, settled: new Set() }, hooks),
    lookNow: () => observer.nudge(),
    hookCause: hooks.first,
  };
}
