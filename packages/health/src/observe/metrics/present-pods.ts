import { readyCondition } from '@slipway/kube';
import type { PodRecord } from '@slipway/rollout';
import type { ScrapedPod } from '../../findings/index.ts';
import { ownRequests, type Sending } from './counting/own-requests.ts';
import type { ScrapedTarget } from './pod-scrapes.ts';
import type { CountedPod } from './counting/request-ledger.ts';

const scrapesTold = 6;

const nameOf = ({ pod }: PodRecord): string => pod.metadata?.name ?? '';

/** Remembers since when pods are ready and were waited for: their status tells only the last time. */
export interface PodMemory {
  readyMs: Map<string, number>;
  /** By the runner's clock. */
  firstSeenMs: Map<string, number>;
}

/** A memory of no pods. */
export function createPodMemory(): PodMemory {
  return { readyMs: new Map(), firstSeenMs: new Map() };
}

/** Notes what is known of the pods at a time of the runner's clock. */
export function remember(memory: PodMemory, pods: readonly PodRecord[], nowMs: number): void {
  for (const { pod } of pods) {
    const uid = pod.metadata?.uid ?? '';
    const condition = readyCondition(pod);
    const since = Date.parse(condition?.lastTransitionTime ?? '');
    const known = memory.readyMs.get(uid);
    if (condition?.status === 'True' && !Number.isNaN(since))
      memory.readyMs.set(uid, Math.min(known ?? Infinity, since));
    const hasAddress = (pod.status?.podIP ?? '') !== '';
    if (hasAddress && !memory.firstSeenMs.has(uid)) memory.firstSeenMs.set(uid, nowMs);
  }
}

/** The pods as their requests are counted: from Ready on, without what nobody who uses them sent. */
export function countedPods(
  memory: PodMemory,
  pods: readonly PodRecord[],
  targets: readonly ScrapedTarget[],
  sent: Sending,
): CountedPod[] {
  return pods.map((record) => ({
    name: nameOf(record),
    node: record.pod.spec?.nodeName,
    readyMs: memory.readyMs.get(record.pod.metadata?.uid ?? ''),
    own: ownRequests(record, targets, sent),
  }));
}

/** Since when a target is up without two failed scrapes on end; undefined when it is down now. */
function upSinceMs({ scrapes }: ScrapedTarget): number | undefined {
  let since: number | undefined;
  let failed = 0;
  for (const { atMs, up } of scrapes) {
    failed = up ? 0 : failed + 1;
    if (failed >= 2) since = undefined;
    if (up) since ??= atMs;
  }
  return scrapes.at(-1)?.up === false && failed >= 2 ? undefined : since;
}

/** Since when the last scrapes have failed. */
function downSinceMs({ scrapes }: ScrapedTarget): number | undefined {
  const lastUp = scrapes.findLastIndex(({ up }) => up);
  return scrapes[lastUp + 1]?.atMs;
}

/** How Prometheus sees one pod: of several targets the one that is up counts, the others may be others'. */
export function scrapedPod(
  record: PodRecord,
  targets: readonly ScrapedTarget[],
  around: { memory: PodMemory; nowMs: number; aheadMs: number },
): ScrapedPod {
  const { memory, nowMs, aheadMs } = around;
  const name = nameOf(record);
  const mine = targets.filter(({ pod, scrapes }) => pod === name && scrapes.length > 0);
  const firstSeenMs = memory.firstSeenMs.get(record.pod.metadata?.uid ?? '') ?? nowMs;
  const ours = (ms: number): number => Math.round(ms - aheadMs);
  const best = mine
    .map((target) => ({ target, since: upSinceMs(target) }))
    .filter(({ since }) => since !== undefined)
    .sort((a, b) => (a.since ?? 0) - (b.since ?? 0))[0];
  if (best?.since !== undefined) {
    const times = best.target.scrapes.filter(({ up }) => up).slice(-scrapesTold);
    const scrapesMs = times.map(({ atMs }) => ours(atMs));
    return { name, state: 'up', sinceMs: ours(best.since), scrapesMs };
  }
  const [down] = mine;
  if (down === undefined) {
    // A pod without an address cannot be a target yet.
    const hasAddress = (record.pod.status?.podIP ?? '') !== '';
    return { name, state: hasAddress ? 'lost' : 'up', sinceMs: firstSeenMs, scrapesMs: [] };
  }
  const target = down.labels['instance'] ?? down.labels['job'] ?? '';
  const sinceMs = ours(downSinceMs(down) ?? nowMs + aheadMs);
  return { name, state: 'failing', sinceMs, scrapesMs: [], target };
}
