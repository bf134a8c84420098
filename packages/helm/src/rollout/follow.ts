import { KubeError, type Cause, type KubeClient } from '@slipway/kube';
import {
  createWake,
  observeRollouts,
  type FailFast,
  type ProgressLog,
  type Wake,
} from '@slipway/rollout';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import { createHookCauses, type HookCauses } from './hook-causes.ts';
import { explained, look, truthOf, unsettled, type Following } from './look.ts';
import { createAccountMending } from './service-account.ts';
import type { RolloutTarget } from './targets.ts';
import { createUnsticking } from './unsticking.ts';
import { firstUnfit, type WaitedObjects } from './waited-objects.ts';

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
  /** What Helm waits for besides; none when absent. */
  waited?: WaitedObjects;
  /** Whether Helm has applied everything. Until then nothing counts as ready. */
  applied: () => boolean;
  failFast: FailFast;
  /** The revision of a workload's pods that is given up, by `namespace/kind/name`. */
  leftRevisions?: Readonly<Record<string, string>>;
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

interface Followed extends Following {
  request: RolloutRequest;
  hooks: HookCauses;
  /** Cuts the gap between two looks short. */
  hurry: Wake;
}

/** What the deadline found unfinished. */
async function late(followed: Followed): Promise<RolloutOutcome> {
  const { observer, unsticking, request, hooks } = followed;
  for (const target of unsettled(followed)) {
    const { ref, hook, onDelete } = target;
    const truth = hook || onDelete ? undefined : truthOf(followed, target);
    if (truth === undefined || truth.status.done) continue;
    const seen = truth.troubles[0]?.cause ?? unsticking.cause(target, observer.state(ref));
    const cause = seen === undefined ? undefined : await explained(followed, target, seen);
    return { kind: 'late', cause, waitingFor: `${ref.kind}/${ref.name}: ${truth.status.message}` };
  }
  const ofHooks = await hooks.first();
  const { waited } = request;
  const unfit = ofHooks === undefined && waited !== undefined;
  const cause = unfit ? await firstUnfit(request.kube, waited) : ofHooks;
  return { kind: 'late', cause, waitingFor: 'Helm' };
}

async function follow(followed: Followed): Promise<RolloutOutcome> {
  const { request, observer, hurry } = followed;
  const { clock, log, signal, deadlineMs } = request;
  try {
    for (;;) {
      signal.throwIfAborted();
      const startedMs = clock.now();
      try {
        const verdict = await look(followed);
        if (verdict === 'ready') return { kind: 'ready' };
        if (verdict !== undefined) return { kind: 'broken', cause: verdict };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof KubeError && (error.status === 401 || error.status === 403))
          return { kind: 'unseen', why: error.message };
        log.debug(`The rollout could not be read: ${errorMessage(error)}`);
      }
      if (clock.now() >= deadlineMs) return await late(followed);
      // A release of many workloads is read less often, so that the API server keeps its breath.
      const gapMs = Math.max(shortestGapMs, 3 * (clock.now() - startedMs));
      await hurry.next(gapMs);
      await observer.next(Math.max(0, Math.min(slowestTickMs, deadlineMs - clock.now())));
    }
  } finally {
    await observer.stop();
  }
}

/**
 * Follows the rollout of `targets`: reads them whenever a pod changes, and at least every 2 s, until
 * all are ready, one is broken by the rules of the package rollout, or the deadline passes. Pods of earlier
 * revisions that hold a rollout up for ever are deleted. Errors of the API are waited out until the
 * deadline. Rejects with the signal's reason on abort.
 */
export function followRollout(request: RolloutRequest): Rollout {
  const hooks = createHookCauses(request);
  const { targets, leftRevisions = {} } = request;
  const observer = observeRollouts(
    { ...request, client: request.kube },
    {
      refs: targets.map(({ ref }) => ref),
      // Their pods may come and go before the workload has been read once.
      wholeNamespace: targets.some(
        ({ hook, before, ref }) => hook || before === undefined || ref.kind === 'pod',
      ),
      onPod: hooks.note,
      sparing: true,
    },
  );
  const unsticking = createUnsticking(request, ({ ref }: RolloutTarget) => {
    const { namespace, kind, name } = ref;
    return leftRevisions[`${namespace}/${kind}/${name}`];
  });
  const accounts = createAccountMending(request);
  const hurry = createWake(request.clock, request.signal);
  const settled = new Set<RolloutTarget>();
  return {
    outcome: follow({ request, observer, hooks, hurry, unsticking, accounts, settled }),
    lookNow: () => {
      hurry.nudge();
      observer.nudge();
    },
    hookCause: hooks.first,
  };
}
