import type { HistogramSeries, Series } from './answer.ts';

/** Counters made of buckets: all requests, those that certainly were slow, and those that may have been. */
export interface SlowRequests {
  total: readonly Series[];
  surely: readonly Series[];
  perhaps: readonly Series[];
  /** The bounds on both sides of the limit, as the histogram has them; the same when it is a bound. */
  bounds: readonly [number, number];
}

const boundOf = (le: string): number => (le === '+Inf' ? Infinity : Number(le));

/** The bounds beside a limit: the highest at or below it, the lowest at or above it. */
function boundsAt(limit: number, bounds: readonly number[]): readonly [number, number] {
  const below = bounds.filter((bound) => bound <= limit);
  const above = bounds.filter((bound) => bound >= limit);
  return [Math.max(0, ...below), Math.min(Infinity, ...above)];
}

function withoutBound(labels: Series['labels']): Record<string, string> {
  const rest: Record<string, string> = { ...labels };
  delete rest['le'];
  return rest;
}

/** The counter of requests above `bound`: all of them less those in the bucket, scrape by scrape. */
function above(all: Series, bucket: Series | undefined): Series {
  const inside = new Map(bucket?.points.map(({ timeMs, value }) => [timeMs, value]));
  const points = all.points.flatMap(({ timeMs, value }) => {
    const below = bucket === undefined ? 0 : inside.get(timeMs);
    return below === undefined ? [] : [{ timeMs, value: value - below }];
  });
  return { labels: all.labels, points };
}

function ofClassic(series: readonly Series[], limit: number): SlowRequests {
  const groups = Map.groupBy(series, ({ labels }) =>
    JSON.stringify(Object.entries(withoutBound(labels)).sort()),
  );
  const known = series.map(({ labels }) => boundOf(labels['le'] ?? ''));
  const bounds = boundsAt(limit, known);
  const slow = [...groups.values()].flatMap((buckets) => {
    const at = (bound: number): Series | undefined =>
      buckets.find(({ labels }) => boundOf(labels['le'] ?? '') === bound);
    const whole = at(Infinity);
    if (whole === undefined) return [];
    const all = { labels: withoutBound(whole.labels), points: whole.points };
    const [low, high] = bounds;
    return [
      { all, perhaps: above(all, low === 0 ? undefined : at(low)), surely: above(all, at(high)) },
    ];
  });
  return {
    total: slow.map(({ all }) => all),
    perhaps: slow.map(({ perhaps }) => perhaps),
    surely: slow.map(({ surely }) => surely),
    bounds,
  };
}

function ofNative(series: readonly HistogramSeries[], limit: number): SlowRequests {
  const counter = (value: (point: HistogramSeries['points'][number]) => number): Series[] =>
    series.map(({ labels, points }) => ({
      labels,
      points: points.map((point) => ({ timeMs: point.timeMs, value: value(point) })),
    }));
  const sum = (buckets: HistogramSeries['points'][number]['buckets']): number =>
    buckets.reduce((all, [, , inside]) => all + inside, 0);
  const straddling = series
    .flatMap(({ points }) => points.at(-1)?.buckets ?? [])
    .filter(([lower, upper]) => lower < limit && upper > limit);
  return {
    total: counter(({ count }) => count),
    perhaps: counter(({ buckets }) => sum(buckets.filter(([, upper]) => upper > limit))),
    surely: counter(({ buckets }) => sum(buckets.filter(([lower]) => lower >= limit))),
    bounds: [
      Math.min(limit, ...straddling.map(([lower]) => lower)),
      Math.max(limit, ...straddling.map(([, upper]) => upper)),
    ],
  };
}

/**
 * What buckets say of requests slower than `limit` (in the histogram's unit), by their bounds alone:
 * `histogram_quantile` interpolates within a bucket, and would call a p99 of 114 ms and one of 243 ms
 * alike 200 ms where the bounds are 100 and 250.
 */
export function slowRequests(
  answer: { series: readonly Series[]; histograms: readonly HistogramSeries[] },
  limit: number,
): SlowRequests {
  return answer.histograms.length > 0
    ? ofNative(answer.histograms, limit)
    : ofClassic(answer.series, limit);
}
