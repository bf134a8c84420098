import type { Series } from './answer.ts';

/** What a counter grew by from one scrape to the next. */
export interface Growth {
  /** The series' value of the label that was asked for: the pod. */
  of: string;
  /** When the later scrape was. */
  timeMs: number;
  by: number;
}

/**
 * The exact growth of counters between scrapes, from raw samples (`metric[10m]` as an instant query).
 * `rate` and `increase` extrapolate, and lose what a series was born with (prometheus/prometheus#3886):
 * the errors of the first seconds. Here the first sample of a series counts from zero when
 * `bornAfterMs(pod)` lies within the samples' time, since a counter starts with its process. A value
 * below the one before is a restart, and counts from zero as well.
 */
export function counterGrowth(
  series: readonly Series[],
  options: { label: string; startMs: number; bornAfterMs: (of: string) => number | undefined },
): Growth[] {
  return series.flatMap(({ labels, points }) => {
    const of = labels[options.label] ?? '';
    const born = options.bornAfterMs(of);
    let before = born !== undefined && born >= options.startMs ? 0 : undefined;
    const growth: Growth[] = [];
    for (const { timeMs, value } of points) {
      // A stale marker or NaN is no reading.
      if (!Number.isFinite(value)) continue;
      if (before !== undefined) {
        const by = value < before ? value : value - before;
        if (by > 0) growth.push({ of, timeMs, by });
      }
      before = value;
    }
    return growth;
  });
}
