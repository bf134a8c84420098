import {
  KubeError,
  makerCause,
  podCause,
  readCauses,
  readEvents,
  readLogTail,
  readWorkload,
  sortCauses,
  workloadPods,
  type Cause,
  type KubeClient,
  type KubeEvent,
  type Pod,
  type Workload,
} from '@slipway/kube';
import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import { causeKind, patience, patienceWith } from './rollout-patience.ts';
import { progressLine, type ProgressLog } from './rollout-progress.ts';
import type { RolloutTarget } from './rollout-target.ts';
import { wakeOnPods } from './rollout-wake.ts';

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
  /** The worst that was seen of a target so far; hooks may be gone by the time one asks. */
  worstSeen(): Promise<Cause | undefined>;
}

interface Look {
  target: RolloutTarget;
  workload: Workload;
  current: readonly Pod[];
  earlier: readonly Pod[];
}

const slowestTickMs = 2_000;
const shortestGapMs = 300;
/** How long the end of a hook's log may keep the verdict waiting. */
const logPatienceMs = 2_000;

function isReady(pod: Pod): boolean {
  return (
    pod.metadata?.deletionTimestamp === undefined &&
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ===
      true
  );
}

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
 * all are ready, one is broken by the rules of rollout-patience.ts, or the deadline passes. Errors of
 * the API are waited out until the deadline. Rejects with the signal's reason on abort.
 */
export function followRollout(request: RolloutRequest): Rollout {
  const { kube, clock, signal, deadlineMs } = request;
  const firstSeen = new Map<string, number>();
  const kept = new Map<string, Cause>();
  const settled = new Set<RolloutTarget>();
  const reading = new Set<Promise<void>>();

  const judge = (seen: Look, events: readonly KubeEvent[]): Cause | undefined => {
    const { target, workload, current, earlier } = seen;
    const readyPods = current.filter(isReady).length;
    const endingPods = [...current, ...earlier].filter(
      (pod) => pod.metadata?.deletionTimestamp !== undefined,
    ).length;
    const troubles: { cause: Cause; pod: Pod | undefined }[] = [];
    for (const pod of current) {
      const cause =
        pod.metadata?.deletionTimestamp === undefined ? podCause(pod, events) : undefined;
      if (cause !== undefined) troubles.push({ cause, pod });
    }
    if (current.length < workload.desired)
      for (const maker of workload.makers) {
        const cause = makerCause(maker, events);
        if (cause !== undefined) troubles.push({ cause, pod: undefined });
      }
    const nowMs = clock.now();
    const broken: Cause[] = [];
    const stillSeen = new Set<string>();
    for (const { cause, pod } of troubles) {
      const key = [
        target.ref.kind,
        target.ref.name,
        cause.object,
        cause.container,
        causeKind(cause),
      ].join('|');
      stillSeen.add(key);
      const sinceMs = firstSeen.get(key) ?? nowMs;
      firstSeen.set(key, sinceMs);
      const mine = events.filter((event) => event.object.uid === pod?.metadata?.uid);
      const allowed = patienceWith(cause, { pod, events: mine, readyPods, endingPods });
      const more = target.changed ? 0 : patience.unchanged;
      if (allowed !== undefined && nowMs - sinceMs >= allowed + more) broken.push(cause);
    }
    // A cause that went away and comes back later gets its patience anew; crashes count restarts.
    const prefix = `${target.ref.kind}|${target.ref.name}|`;
    for (const key of firstSeen.keys())
      if (key.startsWith(prefix) && !stillSeen.has(key)) firstSeen.delete(key);
    if (workload.rollout.failed && !target.hook && target.changed) {
      const own = sortCauses(troubles.map(({ cause }) => cause))[0];
      broken.push(
        own ?? {
          reason: target.ref.kind === 'job' ? 'JobFailed' : 'ProgressDeadlineExceeded',
          object: `${target.ref.kind}/${target.ref.name}`,
          message: workload.rollout.message,
          mends: 'never',
        },
      );
    }
    return sortCauses(broken)[0];
  };

  const explain = async (seen: Look, cause: Cause): Promise<Cause> => {
    const causes = await readCauses(kube, seen.workload, seen.current).catch(() => []);
    const same = causes.find(
      (other) => other.object === cause.object && causeKind(other) === causeKind(cause),
    );
    return same?.logTail === undefined ? cause : { ...cause, logTail: same.logTail };
  };

  /** A failed hook's pods may be deleted at once by its delete policy, so their story is kept. */
  const keepHookCause = async (pod: Pod): Promise<void> => {
    const owner = pod.metadata?.ownerReferences?.find(({ kind }) => kind === 'Job');
    const namespace = pod.metadata?.namespace ?? '';
    const isOurs = request.targets.some(
      ({ hook, ref, before }) =>
        hook &&
        ref.name === owner?.name &&
        ref.namespace === namespace &&
        before?.uid !== owner.uid,
    );
    const cause = isOurs ? podCause(pod, []) : undefined;
    const key = `${pod.metadata?.uid ?? ''}|${cause === undefined ? '' : causeKind(cause)}`;
    if (cause === undefined || kept.has(key)) return;
    kept.set(key, cause);
    if (cause.container === undefined) return;
    const name = pod.metadata?.name ?? '';
    const logTail = await readLogTail(kube, { namespace, pod: name, container: cause.container });
    if (logTail !== undefined) kept.set(key, { ...cause, logTail });
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
      if (target.hook) for (const pod of seen.current) await keepHookCause(pod);
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
    return { kind: 'late', cause: [...kept.values()].at(-1), waitingFor: 'Helm' };
  };

  const follow = async (): Promise<RolloutOutcome> => {
    const namespaces = new Set(request.targets.map(({ ref }) => ref.namespace));
    const wake = wakeOnPods({ kube, log: request.log, signal }, namespaces, (pod) => {
      const read = keepHookCause(pod).catch((error: unknown) => {
        request.log.debug(`The log of a hook could not be read: ${errorMessage(error)}`);
      });
      reading.add(read);
      void read.finally(() => reading.delete(read));
    });
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
    worstSeen: async () => {
      await Promise.race([Promise.allSettled(reading), clock.sleep(logPatienceMs)]);
      return sortCauses([...kept.values()])[0];
    },
  };
}
