import {
  KubeError,
  readCauses,
  readEvents,
  readWorkload,
  workloadPods,
  type Cause,
  type KubeClient,
} from '@slipway/kube';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import { createHookMemory } from './hook-causes.ts';
import { createJudge, isReady, type Look } from './judge.ts';
import { causeKind } from './patience.ts';
import { progressLine, type ProgressLog } from './progress.ts';
import type { RolloutTarget } from './targets.ts';
import { wakeOnPods } from './wake.ts';

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
  /** The worst that was seen of a target so far; hooks may be gone by the time one asks. */
  worstSeen(): Promise<Cause | undefined>;
}

const slowestTickMs = 2_000;
const shortestGapMs = 300;

/** Undefined while the target is not there, or is still as it was before Helm began. */
async function look(request: RolloutRequest, target: RolloutTarget): Promise<Look | undefined> {
  const { kube } = request;
  try {
    const workload = await readWorkload(kube, target.ref);
    const { before } = target;
    const untouched =
      before !== undefined &&
      workload.metadata.uid === before.uid &&
      (target.hook || (workload.metadata.generation ?? 0) === before.generation);
    if (target.changed && untouched && !(request.applied() && !target.hook)) return undefined;
    const { current, earlier } = await workloadPods(kube, workload);
    return { target, workload, current, earlier };
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * Follows the rollout of `targets`: reads them whenever a pod changes, and at least every 2 s, until
 * all are ready, one is broken by the rules of patience.ts, or the deadline passes. Errors of
 * the API are waited out until the deadline. Rejects with the signal's reason on abort.
 */
export function followRollout(request: RolloutRequest): Rollout {
  const { kube, clock, signal, deadlineMs } = request;
  const judge = createJudge(() => clock.now());
  const hooks = createHookMemory(request);
  const settled = new Set<RolloutTarget>();

  const explain = async (seen: Look, cause: Cause): Promise<Cause> => {
    const causes = await readCauses(kube, seen.workload, seen.current).catch(() => []);
    const same = causes.find(
      (other) => other.object === cause.object && causeKind(other) === causeKind(cause),
    );
    return same?.logTail === undefined ? cause : { ...cause, logTail: same.logTail };
  };

  const round = async (): Promise<Cause | 'ready' | undefined> => {
    const open = request.targets.filter((target) => !settled.has(target));
    const looks = (await Promise.all(open.map((target) => look(request, target)))).filter(
      (one) => one !== undefined,
    );
    const byNamespace = new Map<string, Set<string>>();
    for (const { target, workload, current } of looks) {
      if (workload.rollout.done && current.every(isReady)) continue;
      const uids = byNamespace.get(target.ref.namespace) ?? new Set<string>();
      for (const pod of current) if (!isReady(pod)) uids.add(pod.metadata?.uid ?? '');
      if (current.length < workload.desired)
        for (const maker of workload.makers) uids.add(maker.uid);
      if (uids.size > 0) byNamespace.set(target.ref.namespace, uids);
    }
    const events = (
      await Promise.all(
        [...byNamespace].map(([namespace, uids]) =>
          readEvents(kube, namespace, uids).catch((error: unknown) => {
            request.log.debug(`Events of ${namespace} cannot be read: ${errorMessage(error)}`);
            return [];
          }),
        ),
      )
    ).flat();
    for (const seen of looks) {
      const { target, workload } = seen;
      if (target.hook) seen.current.forEach(hooks.look);
      if (!target.hook)
        request.progress.tell(
          target.ref.name,
          progressLine(workload, seen.current),
          workload.rollout.done,
        );
      const cause = judge(seen, events);
      if (cause !== undefined) return await explain(seen, cause);
      if (request.applied() && !target.hook && workload.rollout.done) settled.add(target);
    }
    const rest = request.targets.filter((target) => !target.hook && !settled.has(target));
    return request.applied() && rest.length === 0 ? 'ready' : undefined;
  };

  const late = async (): Promise<RolloutOutcome> => {
    const rest = request.targets.filter((target) => !target.hook && !settled.has(target));
    for (const target of rest) {
      const workload = await readWorkload(kube, target.ref).catch(() => undefined);
      if (workload === undefined || workload.rollout.done) continue;
      const { current } = await workloadPods(kube, workload);
      const cause = (await readCauses(kube, workload, current).catch(() => []))[0];
      const waitingFor = `${target.ref.kind}/${target.ref.name}: ${workload.rollout.message}`;
      return { kind: 'late', cause, waitingFor };
    }
    return { kind: 'late', cause: await hooks.worst(), waitingFor: 'Helm' };
  };

  const namespaces = new Set(request.targets.map(({ ref }) => ref.namespace));
  const wake = wakeOnPods({ kube, log: request.log, signal }, namespaces, hooks.look);
  const follow = async (): Promise<RolloutOutcome> => {
    try {
      for (;;) {
        signal.throwIfAborted();
        const startedMs = clock.now();
        try {
          const verdict = await round();
          if (verdict === 'ready') return { kind: 'ready' };
          if (verdict !== undefined) return { kind: 'broken', cause: verdict };
        } catch (error) {
          signal.throwIfAborted();
          if (error instanceof KubeError && (error.status === 401 || error.status === 403))
            return { kind: 'unseen', why: error.message };
          request.log.debug(`The rollout could not be read: ${errorMessage(error)}`);
        }
        if (clock.now() >= deadlineMs) return await late();
        // A release of many workloads is read less often, so that the API server keeps its breath.
        const gapMs = Math.max(shortestGapMs, 3 * (clock.now() - startedMs));
        await clock.sleep(gapMs, signal);
        await wake.next(Math.max(0, Math.min(slowestTickMs, deadlineMs - clock.now())));
      }
    } finally {
      wake.stop();
    }
  };
  return {
    outcome: follow(),
    lookNow: () => wake.nudge(),
    worstSeen: hooks.worst,
  };
}
