import { KubeError, type KubeClient, type Pod } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import { trafficFindings, type TrafficSeen, type TrafficUnit } from '../../findings/index.ts';
import type { MaxLatency } from '../../judge/index.ts';
import type { Check, RolloutView } from '../check.ts';
import { findWays, type SentRequests } from '../probe/index.ts';
import { slownessOf, type TimedAnswer } from './answer-time.ts';
import { sendTraffic, type TrafficAnswer } from './traffic-sending.ts';
import type { TrafficRequest } from './traffic-request.ts';

/** Which requests of our own go to new pods, and how often. */
export interface TrafficPlan {
  requests: readonly TrafficRequest[];
  /** Requests in a second to each pod; less when there are many pods. */
  perSecond: number;
  /** A port's number or name; undefined for that of the application. */
  port: string | undefined;
  scheme: 'http' | 'https' | undefined;
  timeoutMs: number;
  /** The share of failed requests that is too much. */
  limit: number;
  /** How slow answers may be; undefined leaves it out. */
  maxLatency?: MaxLatency | undefined;
}

/** To all pods together. */
const mostPerSecond = 50;
const mostAtOnce = 25;
/** Answers within this time are one unit, as those between two scrapes are. */
const unitMs = 2_000;
const keptDurations = 500;
const keptUnits = 2_000;

/** What is written down as answers come in. */
interface Tally {
  units: TrafficUnit[];
  answered: Set<string>;
  durationsMs: number[];
  lastFailure: string | undefined;
  unasked: TrafficSeen['unasked'];
}

/** The unit of this time; a new one when it is its first. */
function unitOf(tally: Tally, pod: string, nowMs: number): TrafficUnit {
  const fromMs = Math.floor(nowMs / unitMs) * unitMs;
  const last = tally.units.findLast((one) => one.pod === pod);
  if (last?.fromMs === fromMs) return last;
  const unit = { pod, fromMs, atMs: fromMs + unitMs, total: 0, bad: 0 };
  tally.units.push(unit);
  if (tally.units.length > keptUnits) tally.units.shift();
  return unit;
}

/** Counts the time of an answer, or of one that was waited for at least as long as the limit. */
function writeTime(unit: TrafficUnit, time: TimedAnswer, ended: boolean, limitMs: number): void {
  const slowness = slownessOf(time, limitMs);
  if (!ended && slowness === 'quick') return;
  const { timed, slow, perhaps } = (unit.times ??= { timed: 0, slow: 0, perhaps: 0 });
  unit.times = {
    timed: timed + 1,
    slow: slow + Number(slowness === 'slow'),
    perhaps: perhaps + Number(slowness !== 'quick'),
  };
}

function writeDown(
  tally: Tally,
  pod: string,
  answer: TrafficAnswer,
  { nowMs, maxLatency }: { nowMs: number; maxLatency: MaxLatency | undefined },
): void {
  if (answer.kind === 'unasked') {
    const { kind: _, ...why } = answer;
    tally.unasked = why;
    return;
  }
  // Who never answered may be out of reach, which says nothing about the release.
  if (answer.kind === 'broken' && !tally.answered.has(pod)) {
    tally.unasked = { why: `pod/${pod}: ${answer.why}`, settled: false };
    return;
  }
  tally.answered.add(pod);
  const unit = unitOf(tally, pod, nowMs);
  unit.total += 1;
  if (maxLatency !== undefined && answer.time !== undefined)
    writeTime(unit, answer.time, answer.kind === 'answered', maxLatency.limitSeconds * 1_000);
  if (answer.kind === 'answered' && answer.asExpected) {
    tally.durationsMs.push(answer.time.durationMs);
    if (tally.durationsMs.length > keptDurations) tally.durationsMs.shift();
    return;
  }
  unit.bad += 1;
  tally.lastFailure = `pod/${pod}, ${answer.why}`;
}

/** A check that sends requests of our own to every new pod; `onNews` is called after each answer. */
export function createTrafficCheck(
  ports: { client: KubeClient; clock: Clock; sent: SentRequests },
  request: TrafficPlan & { namespace: string },
  rollout: RolloutView,
  onNews: () => void,
): Check {
  const { client, clock, sent } = ports;
  const { requests, limit, maxLatency } = request;
  const tally: Tally = {
    units: [],
    answered: new Set(),
    durationsMs: [],
    lastFailure: undefined,
    unasked: undefined,
  };
  const ready = (): readonly Pod[] =>
    (rollout.truth(clock.now())?.present ?? []).filter((one) => one.ready).map(({ pod }) => pod);
  const seen = (): TrafficSeen => {
    const names = new Set(ready().map(({ metadata }) => metadata?.name ?? ''));
    const { units, answered, durationsMs, lastFailure, unasked } = tally;
    return {
      // What pods did that are gone or no longer ready is the rollout's matter.
      units: units.filter(({ pod }) => names.has(pod)),
      pods: names.size,
      answered: [...answered].filter((name) => names.has(name)).length,
      limit,
      lastFailure,
      durationsMs,
      unasked,
      ...(maxLatency === undefined ? {} : { maxLatency }),
    };
  };

  const run: Check['run'] = async (signal) => {
    const ways = await findWays(client, request.namespace);
    const underWay = new Set<Promise<void>>();
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => undefined);
    const send = async (pod: Pod, one: TrafficRequest): Promise<void> => {
      const name = pod.metadata?.name ?? '';
      sent.note(name, one.path, clock.now());
      try {
        const answer = await sendTraffic({ client, clock, signal, ways }, pod, {
          ...request,
          ...one,
        });
        if (ready().some(({ metadata }) => metadata?.uid === pod.metadata?.uid))
          writeDown(tally, name, answer, { nowMs: clock.now(), maxLatency });
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof KubeError)) throw error;
        tally.unasked = { why: error.message, settled: false };
      }
      onNews();
    };
    for (let turn = 0; !signal.aborted; turn += 1) {
      const pods = ready();
      const perSecond = Math.min(request.perSecond, mostPerSecond / Math.max(1, pods.length));
      pods.forEach((pod, at) => {
        const one = requests[(turn + at) % requests.length];
        if (one === undefined || underWay.size >= mostAtOnce) return;
        const task = send(pod, one).catch(broken.reject);
        underWay.add(task);
        void task.finally(() => underWay.delete(task));
      });
      const pause = clock.sleep(1_000 / perSecond, signal).catch(() => undefined);
      await Promise.race([pause, broken.promise]);
    }
    await Promise.all(underWay);
  };

  return { run, findings: (time) => trafficFindings(seen(), time), evidence: seen };
}
