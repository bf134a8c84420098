import type { Series } from './answer.ts';

/** What one counter grew by from one scrape to the next, be it nothing. Times in milliseconds of Prometheus's clock. */
export interface Growth {
  labels: Readonly<Record<string, string>>;
  /** The scrape before; when the counter was born, for its first. */
  fromMs: number;
  atMs: number;
  by: number;
}

/** Reads counters piece by piece and remembers where each stood. */
export interface CounterTrack {
  /**
   * The growth that `series` (raw samples in order of time) add to what was read before; samples that
   * were read already are passed over, so answers may overlap. `beside` are other series of the same
   * targets, which tell when these were scraped.
   */
  read(series: readonly Series[], beside?: readonly Series[]): Growth[];
  /** When the newest sample was taken; undefined before the first. */
  newestMs(): number | undefined;
}

/** A limit on what a hostile or careless exporter can make us remember. */
const mostSeries = 20_000;

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const scrapesKept = 4_000;
/** Scrapes without a series after which it is taken for newly born. */
const surelyAbsent = 4;

const isReading = ({ value }: Series['points'][number]): boolean => Number.isFinite(value);

/**
 * The exact growth of counters between scrapes, from raw samples (`metric[10m]` as an instant query).
 * `rate` and `increase` extrapolate, and lose what a series was born with (prometheus/prometheus#3886):
 * the errors of the first seconds. Here a series counts from zero when its process began within what is
 * read (`bornMs`), or when its target (`targetOf`) was scraped before without it, since a counter starts
 * with its process. A value below the one before is a restart, and counts from zero as well.
 */
export function createCounterTrack(options: {
  /** Which target a series is of: all series of one scrape together. */
  targetOf: (labels: Readonly<Record<string, string>>) => string;
  /** When the process behind a series began, if that lies within what is read. */
  bornMs: (labels: Readonly<Record<string, string>>) => number | undefined;
}): CounterTrack {
  const targets = new Map<string, readonly number[]>();
  const last = new Map<string, { atMs: number; value: number }>();
  let newest: number | undefined;

  /** Where a series that was not seen before `firstMs` began; undefined when nobody can tell. */
  const origin = (labels: Series['labels'], firstMs: number) => {
    const scrapesMs = targets.get(options.targetOf(labels)) ?? [];
    const earlier = scrapesMs.filter((timeMs) => timeMs < firstMs);
    const bornMs = options.bornMs(labels);
    // What Thanos puts together of two replicas begins now from the one, now from the other.
    if (bornMs === undefined && earlier.length < surelyAbsent) return undefined;
    const fromMs = Math.max(earlier.at(-1) ?? -Infinity, bornMs ?? -Infinity);
    return { atMs: Math.min(fromMs, firstMs), value: 0 };
  };

  const readOne = ({ labels, points }: Series): Growth[] => {
    const key = keyOf(labels);
    const growth: Growth[] = [];
    let before = last.get(key);
    // A stale marker or NaN is no reading.
    for (const { timeMs: atMs, value } of points.filter(isReading)) {
      if (before !== undefined && atMs <= before.atMs) continue;
      const from = before ?? origin(labels, atMs);
      if (from !== undefined) {
        const by = value < from.value ? value : value - from.value;
        growth.push({ labels, fromMs: from.atMs, atMs, by });
      }
      before = { atMs, value };
    }
    if (before !== undefined && (last.has(key) || last.size < mostSeries)) last.set(key, before);
    return growth;
  };

  return {
    newestMs: () => newest,
    read: (series, beside = []) => {
      const times = new Map<string, Set<number>>();
      for (const { labels, points } of [...series, ...beside]) {
        const name = options.targetOf(labels);
        const known = times.get(name) ?? new Set(targets.get(name));
        for (const { timeMs } of points.filter(isReading)) known.add(timeMs);
        times.set(name, known);
      }
      for (const [name, known] of times) {
        const scrapesMs = [...known].sort((a, b) => a - b).slice(-scrapesKept);
        newest = Math.max(newest ?? -Infinity, scrapesMs.at(-1) ?? -Infinity);
        targets.set(name, scrapesMs);
      }
      return series.flatMap(readOne);
    },
  };
}
