import type { ScrapedRelease } from './scraped-release.ts';

/** Counters as Prometheus has them: a series begins with its first value above zero. */
interface Sample {
  second: number;
  good: number;
  all: number;
}

/** What PromQL would say of the release's requests. */
export interface Counters {
  /**
   * `sum(rate(good[window])) / sum(rate(all[window]))` at a second: undefined when it has no value, NaN
   * when there was no request.
   */
  success: (second: number, windowSeconds: number) => number | undefined;
}

/** Per second, by the first and last sample in the window; undefined when there are fewer than two. */
function rate(
  samples: readonly Sample[],
  of: 'good' | 'all',
  second: number,
  windowSeconds: number,
): number | undefined {
  const within = samples.filter(
    (sample) => sample.second > second - windowSeconds && sample.second <= second && sample[of] > 0,
  );
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  return (last[of] - first[of]) / (last.second - first.second);
}

/** Reads the counters that a release's scrapes left. */
export function countersOf({ units }: ScrapedRelease): Counters {
  const pods = new Map<string, Sample[]>();
  for (const { pod, atMs, total, bad } of units) {
    const samples = pods.get(pod) ?? [];
    pods.set(pod, samples);
    const last = samples.at(-1);
    const good = (last?.good ?? 0) + total - bad;
    const all = (last?.all ?? 0) + total;
    if (last?.second === atMs / 1000) Object.assign(last, { good, all });
    else samples.push({ second: atMs / 1000, good, all });
  }
  const series = [...pods.values()];
  const sum = (of: 'good' | 'all', second: number, windowSeconds: number): number | undefined => {
    const rates = series.flatMap((samples) => rate(samples, of, second, windowSeconds) ?? []);
    return rates.length === 0 ? undefined : rates.reduce((all, one) => all + one, 0);
  };
  return {
    success: (second, windowSeconds) => {
      const good = sum('good', second, windowSeconds);
      const all = sum('all', second, windowSeconds);
      return good === undefined || all === undefined ? undefined : good / all;
    },
  };
}
