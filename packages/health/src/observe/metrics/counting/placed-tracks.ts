import {
  createCounterTrack,
  seriesSetName,
  type CounterTrack,
  type Growth,
  type Series,
} from '@slipway/prometheus';
import type { ShareLook } from '../metric-look.ts';
import type { MetricScope } from '../metric-scope.ts';
import { createReadingWindow } from './reading-window.ts';
import type { Classified } from './request-ledger.ts';

type Labels = Readonly<Record<string, string>>;

/** Which pod and series set labels are of; undefined for those of other pods. */
export function placed(
  labels: Labels,
  scope: MetricScope,
): Pick<Classified, 'pod' | 'set'> | undefined {
  const pod = scope.podOf(labels);
  if (pod === undefined) return undefined;
  return { pod, set: seriesSetName(labels, { targetLabels: scope.targetLabels, pod }) };
}

/** Counters of the new pods that belong together, read piece by piece. */
export interface PlacedTracks {
  /** The window to ask for now, as PromQL has it: `[38s]`. */
  range(look: ShareLook): string;
  /** The growth of `total` and of the other counters of the same targets, each as it came. */
  grow(look: ShareLook, total: readonly Series[], ...others: (readonly Series[])[]): Growth[][];
}

/** Tracks of counters for a verification that began at `beganMs` (Prometheus's clock). */
export function createPlacedTracks(beganMs: number): PlacedTracks {
  const window = createReadingWindow(beganMs);
  const tracks: CounterTrack[] = [];
  let scope: MetricScope | undefined;

  const trackOf = (index: number): CounterTrack => {
    tracks[index] ??= createCounterTrack({
      targetOf: (labels) => {
        const place = scope === undefined ? undefined : placed(labels, scope);
        return JSON.stringify([place?.pod, place?.set, labels['instance']]);
      },
      bornMs: (labels) => window.bornMs(scope?.podOf(labels) ?? ''),
    });
    return tracks[index];
  };

  return {
    range: ({ pods, atMs }) => `[${Math.ceil(window.lengthMs(pods, atMs) / 1000)}s]`,
    grow: (look, total, ...others) => {
      const { pods, atMs } = look;
      ({ scope } = look);
      const seen = new Set(total.map(({ labels }) => look.scope.podOf(labels)));
      const read = pods.filter(({ pod }) => seen.has(pod.metadata?.name ?? ''));
      const newest = total.map(({ points }) => points.at(-1)?.timeMs ?? -Infinity);
      const newestMs = newest.length === 0 ? undefined : Math.max(...newest);
      window.done(read, { atMs, lengthMs: window.lengthMs(pods, atMs), newestMs });
      return [total, ...others].map((series, index) => trackOf(index).read(series, total));
    },
  };
}
