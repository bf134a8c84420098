import { parseDuration } from '@slipway/runtime';

/** One thing that Prometheus scrapes, as `/api/v1/targets` shows it. */
export interface ScrapeTarget {
  labels: Readonly<Record<string, string>>;
  /** Before relabelling: `__meta_kubernetes_pod_name` and the like. */
  discovered: Readonly<Record<string, string>>;
  pool: string;
  url: string;
  health: 'up' | 'down' | 'unknown';
  lastError: string;
  /** Milliseconds since 1970; undefined before the first scrape. */
  lastScrapeMs: number | undefined;
  /** Undefined on servers that do not say. */
  intervalMs: number | undefined;
}

interface RawTarget {
  labels?: Record<string, string>;
  discoveredLabels?: Record<string, string>;
  scrapePool?: string;
  scrapeUrl?: string;
  health?: string;
  lastError?: string;
  lastScrape?: string;
  scrapeInterval?: string;
}

/** Reads the `data` of `/api/v1/targets`. */
export function parseTargets(data: unknown): readonly ScrapeTarget[] {
  const active = (data as { activeTargets?: unknown } | undefined)?.activeTargets;
  if (!Array.isArray(active)) return [];
  return (active as RawTarget[]).map((raw) => {
    const last = Date.parse(raw.lastScrape ?? '');
    return {
      labels: raw.labels ?? {},
      discovered: raw.discoveredLabels ?? {},
      pool: raw.scrapePool ?? '',
      url: raw.scrapeUrl ?? '',
      health: raw.health === 'up' || raw.health === 'down' ? raw.health : 'unknown',
      lastError: raw.lastError ?? '',
      // Go's zero time stands for never.
      lastScrapeMs: Number.isNaN(last) || last <= 0 ? undefined : last,
      intervalMs: parseDuration(raw.scrapeInterval ?? ''),
    };
  });
}

/**
 * The labels that carry the pods' names in this Prometheus, the most frequent first: relabelling rules
 * differ. Found by what service discovery knew of the targets of a namespace.
 */
export function podLabels(targets: readonly ScrapeTarget[], namespace: string): string[] {
  const counts = new Map<string, number>();
  for (const { discovered, labels } of targets) {
    const pod = discovered['__meta_kubernetes_pod_name'];
    if (pod === undefined || discovered['__meta_kubernetes_namespace'] !== namespace) continue;
    for (const [label, value] of Object.entries(labels))
      if (value === pod) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([label]) => label);
}

/** Why the target that `up` knows by `labels` is not scraped; undefined when it is, or is not there. */
export function scrapeErrorOf(
  targets: readonly ScrapeTarget[],
  labels: Readonly<Record<string, string>>,
): { url: string; error: string } | undefined {
  const target = targets.find(
    (one) =>
      one.health === 'down' &&
      ['job', 'instance'].every((name) => one.labels[name] === labels[name]),
  );
  return target === undefined ? undefined : { url: target.url, error: target.lastError };
}
