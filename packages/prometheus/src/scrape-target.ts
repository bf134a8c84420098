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

/** A pod as far as a scrape target can be matched with it. */
export interface ScrapedPod {
  name: string;
  namespace: string;
  ip: string | undefined;
}

function scrapes(target: ScrapeTarget, pod: ScrapedPod): boolean {
  const name = target.discovered['__meta_kubernetes_pod_name'];
  if (name !== undefined)
    return name === pod.name && target.discovered['__meta_kubernetes_namespace'] === pod.namespace;
  if (Object.values(target.labels).includes(pod.name)) return true;
  return (
    pod.ip !== undefined && URL.canParse(target.url) && new URL(target.url).hostname === pod.ip
  );
}

/** How far Prometheus sees one pod: the lowest rung that is broken, or `up`. */
export type ScrapeState =
  | { rung: 'not-discovered' }
  | { rung: 'not-scraped-yet'; target: ScrapeTarget }
  | { rung: 'failing'; target: ScrapeTarget; error: string }
  | { rung: 'up'; target: ScrapeTarget };

/**
 * Where Prometheus stands with `pod`. With several targets of one pod (a sidecar's port beside the
 * service's) one that is up counts, since the others may not be the service's.
 */
export function scrapeState(targets: readonly ScrapeTarget[], pod: ScrapedPod): ScrapeState {
  const mine = targets.filter((target) => scrapes(target, pod));
  const up = mine.find(({ health }) => health === 'up');
  if (up !== undefined) return { rung: 'up', target: up };
  const down = mine.find(({ health }) => health === 'down');
  if (down !== undefined) return { rung: 'failing', target: down, error: down.lastError };
  const [first] = mine;
  return first === undefined
    ? { rung: 'not-discovered' }
    : { rung: 'not-scraped-yet', target: first };
}

/** The label that carries the pod's name in this Prometheus: relabelling rules differ. */
export function podLabel(targets: readonly ScrapeTarget[], pods: readonly ScrapedPod[]): string {
  for (const pod of pods) {
    const state = scrapeState(targets, pod);
    if (state.rung === 'not-discovered') continue;
    const found = Object.entries(state.target.labels)
      .filter(([, value]) => value === pod.name)
      .map(([label]) => label);
    if (found.includes('pod')) return 'pod';
    if (found[0] !== undefined) return found[0];
  }
  return 'pod';
}
