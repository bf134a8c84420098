import { KubeError, workloadPath, type KubeClient, type WorkloadRef } from '@slipway/kube';
import { observeRollouts, rolloutTruth, type RolloutObserver } from '@slipway/rollout';
import type { Clock, Log } from '@slipway/runtime';
import {
  clusterOutage,
  lackingRights,
  podFinding,
  rolloutFinding,
  supersededRevision,
  type ClusterOutage,
} from '../findings/index.ts';
import type { Finding } from '../judge/index.ts';
import type { Check, CheckTime, RolloutView } from './check.ts';
import { missingRights } from './rights.ts';

interface Ports {
  client: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** Follows the rollout and its pods, and lets the other checks see them. */
export interface RolloutCheck extends Check, RolloutView {}

/** A silence of the API server, after which nothing vouches for what happened meanwhile. */
const gapMs = 10_000;

function absent({ kind, name, namespace }: WorkloadRef): KubeError {
  return new KubeError(`There is no ${kind}/${name} in namespace ${namespace}.`, {
    status: 404,
    reason: 'NotFound',
    path: workloadPath({ kind, name, namespace }),
  });
}

/** What was seen beside the recording of the rollout. */
interface Sight {
  lacking: readonly string[] | undefined;
  /** The revision that is verified, and the one that took its place. */
  revision: string | undefined;
  newer: string | undefined;
  outage: ClusterOutage | undefined;
  /** Nothing is vouched for before this time. */
  seenSinceMs: number | undefined;
}

/** Reads the workload once more. Throws KubeError. */
async function look(
  { client, log }: Ports,
  ref: WorkloadRef,
  rollout: RolloutObserver,
  sight: Sight,
): Promise<void> {
  if (sight.lacking === undefined) {
    const { needed, helpful } = await missingRights(client, ref);
    sight.lacking = needed;
    if (helpful.length > 0)
      log.info(`Causes may stay unnamed: these credentials lack ${helpful.join(', ')}.`);
  }
  if (sight.lacking.length > 0) return;
  await rollout.look();
  const { workload } = rollout.state(ref);
  if (workload === undefined) throw absent(ref);
  const { revision } = workload;
  if (sight.revision !== undefined && revision !== undefined && revision !== sight.revision)
    sight.newer = revision;
  else sight.revision = revision ?? sight.revision;
}

/** What the evidence says at one instant. */
function findingsOf(
  ref: WorkloadRef,
  rollout: RolloutObserver,
  sight: Sight,
  time: CheckTime,
): Finding[] {
  const { lacking, revision, newer, outage, seenSinceMs } = sight;
  if (lacking !== undefined && lacking.length > 0) return [lackingRights(lacking, ref.namespace)];
  if (revision !== undefined && newer !== undefined) return [supersededRevision(revision, newer)];
  if (outage !== undefined) return [clusterOutage(outage, seenSinceMs !== undefined, time)];
  const truth = rolloutTruth(rollout.state(ref), time.nowMs);
  if (truth === undefined)
    return [{ check: 'rollout', state: 'open', detail: 'the workload has not been read yet' }];
  const steadySinceMs = rollout.steadySinceMs(ref);
  const well =
    truth.steady && steadySinceMs !== undefined
      ? { wellSinceMs: Math.max(steadySinceMs, seenSinceMs ?? time.nowMs) }
      : {};
  return [
    { ...rolloutFinding(truth, time), ...well },
    { ...podFinding(truth), ...well },
  ];
}

/** A check of one workload; `onNews` is called when something has changed. */
export function createRolloutCheck(
  ports: Ports,
  request: { workload: WorkloadRef; intervalMs: number },
  onNews: () => void,
): RolloutCheck {
  const { clock } = ports;
  const ref = request.workload;
  const rollout = observeRollouts(ports, {
    refs: [ref],
    wholeNamespace: false,
    // The pod is in the recording once this task is over.
    onPod: () => queueMicrotask(onNews),
  });
  const sight: Sight = {
    lacking: undefined,
    revision: undefined,
    newer: undefined,
    outage: undefined,
    seenSinceMs: undefined,
  };

  const lookOnce = async (): Promise<void> => {
    try {
      await look(ports, ref, rollout, sight);
      const nowMs = clock.now();
      const { outage } = sight;
      if (outage !== undefined && nowMs - outage.sinceMs > gapMs) sight.seenSinceMs = nowMs;
      sight.seenSinceMs ??= nowMs;
      sight.outage = undefined;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const { message, status, reason } = error;
      sight.outage = { message, status, reason, sinceMs: sight.outage?.sinceMs ?? clock.now() };
    }
    onNews();
  };

  return {
    run: async (signal) => {
      try {
        while (!signal.aborted) {
          await lookOnce();
          await rollout.next(request.intervalMs);
        }
      } finally {
        await rollout.stop();
      }
    },
    findings: (time) => findingsOf(ref, rollout, sight, time),
    evidence: () => ({ ...sight, recording: rollout.recording(ref) }),
    truth: (nowMs) => rolloutTruth(rollout.state(ref), nowMs),
    workload: () => rollout.state(ref).workload,
  };
}
