import { KubeError, type KubeClient, type Pod } from '@slipway/kube';
import type { PodRecord } from '@slipway/rollout';
import type { Clock } from '@slipway/runtime';
import { condensed, probeFinding, recordProbe, type ProbeRecord } from '../../findings/index.ts';
import type { Check, CheckTime, RolloutView } from '../check.ts';
import { askPod } from './asking.ts';
import { askedOf, dueOf, nameOf, uidOf, type AskedProbe } from './asked-probes.ts';
import { probeNames, probeTargets, type ProbeRequest, type ProbeTarget } from './probe-target.ts';
import type { SentRequests } from './sent-requests.ts';
import { findWays, type WaysIntoPods } from './ways-into-pods.ts';

/** What of the pods the evidence holds. */
interface SeenPod {
  name: string;
  /** The kubelet holds it ready, so that it is to answer. */
  ready: boolean;
}

/** What was collected; findings are a pure function of it. */
export interface ProbesSeen {
  outage: string | undefined;
  pods: readonly SeenPod[];
  checks: readonly { check: string; records: readonly ProbeRecord[] }[];
}

/** Questions under way at once, over all pods. */
const atOnce = 12;
/** Pods of which the evidence holds more than a sum. */
const maxRecords = 60;

/** What the evidence of the probes says. */
export function probeFindings({ outage, pods, checks }: ProbesSeen, time: CheckTime) {
  return checks.map(({ check, records }) =>
    outage === undefined
      ? probeFinding({ check, records, pods: pods.length }, time.beganMs)
      : {
          check,
          state: 'blind' as const,
          detail: outage,
          wouldChange: 'an answer from the API server',
        },
  );
}

function seenOf(
  asked: ReadonlyMap<string, AskedProbe>,
  present: readonly PodRecord[],
  outage: string | undefined,
): ProbesSeen {
  const all = [...asked.values()];
  const names = probeNames(all.map(({ target }) => target));
  const byTarget = Map.groupBy(all, ({ target }) => target.key);
  const checks = [...byTarget].map(([key, ones]) => {
    const records = ones.map(({ record }) => record);
    return { check: names.get(key) ?? 'probe', records: condensed(records, maxRecords) };
  });
  const pods = present.map(({ pod, ready }) => ({ name: nameOf(pod), ready }));
  return { outage, pods, checks };
}

/** The path that a service counts such a question by. */
function pathOf({ action }: ProbeTarget): string {
  if (action.kind === 'http') return action.path;
  return action.kind === 'grpc' ? '/grpc.health.v1.Health/Check' : '';
}

/** A check that asks the new pods themselves; `onNews` is called after each answer. */
export function createProbeCheck(
  ports: { client: KubeClient; clock: Clock; sent: SentRequests },
  request: { probes: ProbeRequest; namespace: string; intervalMs: number },
  rollout: RolloutView,
  onNews: () => void,
): Check {
  const { client, clock, sent } = ports;
  const { probes, intervalMs } = request;
  let asked: ReadonlyMap<string, AskedProbe> = new Map();
  let present: readonly PodRecord[] = [];
  let outage: string | undefined;
  const underWay = new Set<Promise<void>>();

  const targetsOf = (pod: Pod): readonly ProbeTarget[] => {
    const template = rollout.workload()?.template;
    const own = template === undefined ? undefined : template.containers.map(({ name }) => name);
    return probeTargets(pod, probes, own === undefined ? undefined : new Set(own));
  };
  const refresh = (): void => {
    present = rollout.truth(clock.now())?.present ?? [];
    asked = askedOf(present, targetsOf, asked);
  };

  const ask = async (one: AskedProbe, ways: WaysIntoPods, signal: AbortSignal): Promise<void> => {
    const { pod } = one;
    one.underWay = true;
    one.lastMs = clock.now();
    const onSend = (): void => sent.note(nameOf(pod), pathOf(one.target), clock.now());
    try {
      const outcome = await askPod({ client, clock, signal, ways, onSend }, pod, one.target);
      outage = undefined;
      const nowMs = clock.now();
      const still = rollout.truth(nowMs)?.present.find((known) => uidOf(known.pod) === uidOf(pod));
      if (still?.ready === true) one.record = recordProbe(one.record, outcome, nowMs);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof KubeError)) throw error;
      outage = error.message;
    } finally {
      one.underWay = false;
    }
    onNews();
  };

  const round = (ways: WaysIntoPods, signal: AbortSignal, fail: (error: unknown) => void): void => {
    refresh();
    const free = Math.max(0, atOnce - underWay.size);
    for (const one of dueOf(asked, clock.now(), intervalMs).slice(0, free)) {
      const task = ask(one, ways, signal).catch(fail);
      underWay.add(task);
      void task.finally(() => underWay.delete(task));
    }
  };

  return {
    run: async (signal) => {
      const broken = Promise.withResolvers<never>();
      broken.promise.catch(() => undefined);
      const ways = await findWays(client, request.namespace);
      while (!signal.aborted) {
        round(ways, signal, broken.reject);
        const pause = clock.sleep(Math.min(intervalMs, 500), signal).catch(() => undefined);
        await Promise.race([pause, broken.promise]);
      }
      await Promise.all(underWay);
    },
    findings: (time) => probeFindings(seenOf(asked, present, outage), time),
    evidence: () => seenOf(asked, present, outage),
  };
}
