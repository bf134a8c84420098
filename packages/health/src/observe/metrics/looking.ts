import type { PodRecord } from '@slipway/rollout';
import type { Clock } from '@slipway/runtime';
import type { OldPods } from './control/index.ts';
import type { MetricLook } from './metric-look.ts';
import { metricScope } from './metric-scope.ts';
import type { MetricsRequest } from './metrics-request.ts';
import type { PodScrapes } from './pod-scrapes.ts';
import { countedPods, remember, scrapedPod, type PodMemory } from './present-pods.ts';

/** What a look is taken from. */
export interface LookSources {
  clock: Clock;
  request: Pick<MetricsRequest, 'sent' | 'workload'> & { beganMs: number };
  /** The pods that are to stay. */
  pods: () => readonly PodRecord[];
  /** Those of earlier revisions. */
  old: OldPods;
  memory: PodMemory;
}

/** Prometheus as this verification sees it: its clock, and where the pods are. */
export interface Sight {
  aheadMs: number;
  scrapes: PodScrapes;
  /** Labels of the first targets that were seen; series sets keep the names that these give them. */
  targetLabels: ReadonlySet<string> | undefined;
}

/** Labels of targets, where there is none to learn them from. */
const usualTargetLabels: ReadonlySet<string> = new Set(
  'job instance namespace pod container endpoint service node cluster prometheus prometheus_replica replica'.split(
    ' ',
  ),
);

/** Pods of earlier revisions that are worth a question now. */
export function oldPodsOf(
  { old, memory }: Pick<LookSources, 'old' | 'memory'>,
  { scrapes }: Sight,
  nowMs: number,
): readonly PodRecord[] {
  const scraped = new Set(scrapes.targets().map(({ pod }) => pod));
  const asked = old.asked(nowMs, (pod) => scraped.has(pod));
  remember(memory, asked, nowMs);
  return asked;
}

function lookAt(
  sources: LookSources,
  sight: Sight,
  pods: readonly PodRecord[],
  nowMs: number,
): MetricLook {
  const { request, memory, old } = sources;
  const { aheadMs, scrapes } = sight;
  const targets = scrapes.targets();
  const sent = { by: request.sent, beganMs: request.beganMs, nowMs, aheadMs };
  const seen = pods.map((record) => scrapedPod(record, targets, { memory, nowMs, aheadMs }));
  const scope = metricScope(scrapes.place(pods), targets, pods, request.workload);
  if (scope.targetLabels.size > 0) sight.targetLabels ??= scope.targetLabels;
  return {
    pods,
    nowMs,
    beganMs: request.beganMs,
    aheadMs,
    atMs: nowMs + aheadMs,
    counted: countedPods(memory, pods, targets, sent),
    scope: { ...scope, targetLabels: sight.targetLabels ?? usualTargetLabels },
    scrapedTwice: seen.length > 0 && seen.every(({ scrapesMs }) => scrapesMs.length > 1),
    leftMs: (pod) => old.leftMs(pod),
    old: undefined,
  };
}

/** Looks at the new pods, and at old ones while there are any. */
export function lookOf(sources: LookSources, sight: Sight): MetricLook {
  const nowMs = sources.clock.now();
  const look = lookAt(sources, sight, sources.pods(), nowMs);
  const old = oldPodsOf(sources, sight, nowMs);
  return old.length === 0 ? look : { ...look, old: lookAt(sources, sight, old, nowMs) };
}
