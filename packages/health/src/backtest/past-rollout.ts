import { exactly, quoteLabel, type PrometheusClient, type Series } from '@slipway/prometheus';
import type { PodRecord, RolloutTruth } from '@slipway/rollout';
import type { EarlierPods, RolloutView } from '../observe/index.ts';

/** When a pod was scraped first and last, by Prometheus's clock in milliseconds. */
export interface PastPod {
  name: string;
  firstMs: number;
  lastMs: number;
}

/** A replica set that came, with its pods and those of others that served beside it. */
export interface PastRollout {
  set: string;
  /** When the first of its pods was scraped. */
  beganMs: number;
  pods: readonly PastPod[];
  others: readonly PastPod[];
}

/** How history is asked for: so far back, and so finely. */
const days = 7;
const stepMs = 300_000;
const mostRollouts = 20;
/** Others that ended longer before are no comparison. */
const besideMs = 90_000;

const setOf = (pod: string): string => pod.replace(/-[a-z0-9]{5}$/, '');

function byPod(
  series: readonly Series[],
  label: string,
  pick: typeof Math.max,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const { labels, points } of series) {
    const name = labels[label] ?? '';
    const ms = (points.at(-1)?.value ?? Number.NaN) * 1000;
    if (name !== '' && Number.isFinite(ms)) found.set(name, pick(found.get(name) ?? ms, ms));
  }
  return found;
}

/** When pods were scraped first, to the scrape. */
async function beginsOf(
  client: PrometheusClient,
  of: { matchers: string; label: string; nearMs: number },
): Promise<Map<string, number>> {
  const { matchers, label, nearMs } = of;
  const query = `up{${matchers}}[${(2 * stepMs) / 1000}s]`;
  const { series } = await client.query(query, { timeMs: nearMs + stepMs });
  const begins = new Map<string, number>();
  for (const { labels, points } of series) {
    const first = points.find(({ value }) => value === 1);
    const name = labels[label] ?? '';
    if (first !== undefined && name !== '')
      begins.set(name, Math.min(begins.get(name) ?? Infinity, first.timeMs));
  }
  return begins;
}

/**
 * The replica sets that came in the last week, the newest last, found by the names of pods that
 * Prometheus has scraped. Throws PrometheusError.
 */
export async function findPastRollouts(
  client: PrometheusClient,
  pods: { matchers: string; label: string },
  nowMs: number,
): Promise<readonly PastRollout[]> {
  const { matchers, label } = pods;
  const history = `timestamp(up{${matchers}})[${days}d:${stepMs / 1000}s]`;
  const [firsts, lasts] = await Promise.all(
    ['min', 'max'].map((of) => client.query(`${of}_over_time(${history})`, { timeMs: nowMs })),
  );
  const first = byPod(firsts?.series ?? [], label, Math.min);
  const last = byPod(lasts?.series ?? [], label, Math.max);
  const all = [...first].map(([name, firstMs]): PastPod => {
    return { name, firstMs, lastMs: last.get(name) ?? firstMs };
  });
  const sets = [...Map.groupBy(all, ({ name }) => setOf(name))];
  // What was there when the history begins came before it.
  const oldestMs = nowMs - days * 86_400_000 + 2 * stepMs;
  const came = sets
    .map(([set, own]) => ({ set, own, nearMs: Math.min(...own.map(({ firstMs }) => firstMs)) }))
    .filter(({ nearMs }) => nearMs > oldestMs)
    .sort((a, b) => a.nearMs - b.nearMs)
    .slice(-mostRollouts);
  const rollouts: PastRollout[] = [];
  for (const { set, own, nearMs } of came) {
    const within = `${matchers},${label}=~${quoteLabel(`${exactly([set])}-[a-z0-9]{5}`)}`;
    const begins = await beginsOf(client, { matchers: within, label, nearMs });
    const beganMs = Math.min(...begins.values(), nearMs);
    rollouts.push({
      set,
      beganMs,
      pods: own.map((pod) => ({ ...pod, firstMs: begins.get(pod.name) ?? pod.firstMs })),
      others: all.filter(
        ({ name, firstMs, lastMs }) =>
          setOf(name) !== set && firstMs < beganMs && lastMs > beganMs - besideMs,
      ),
    });
  }
  return rollouts;
}

function recordOf({ name, firstMs }: PastPod, namespace: string, gone: boolean): PodRecord {
  const lastTransitionTime = new Date(firstMs).toISOString();
  return {
    pod: {
      metadata: { name, namespace, uid: name },
      spec: { containers: [] },
      status: {
        // Only so that it is asked about: pods without an address are not.
        podIP: '0.0.0.0',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }],
      },
    },
    startedMs: firstMs,
    ready: true,
    everReady: true,
    flapsMs: [],
    ends: [],
    leaving: gone,
    gone,
  };
}

/** The pods as the API server would have shown them at each moment, as far as scrapes tell. */
export function pastView(
  { pods, others }: PastRollout,
  namespace: string,
  nowMs: () => number,
): RolloutView & EarlierPods {
  const ended = ({ lastMs }: PastPod, ms: number): boolean => ms > lastMs + stepMs;
  const present = (ms: number): PodRecord[] =>
    pods
      .filter((pod) => pod.firstMs <= ms && !ended(pod, ms))
      .map((pod) => recordOf(pod, namespace, false));
  return {
    // Of the rollout only its pods are known.
    truth: (ms) => ({ present: present(ms) }) as unknown as RolloutTruth,
    workload: () => undefined,
    earlier: () => others.map((pod) => recordOf(pod, namespace, ended(pod, nowMs()))),
  };
}
