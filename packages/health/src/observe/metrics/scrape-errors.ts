import { scrapeErrorOf, type PrometheusClient } from '@slipway/prometheus';
import type { ScrapedPod } from '../../findings/index.ts';
import type { ScrapedTarget } from './pod-scrapes.ts';

/** Why a target cannot be scraped is looked up no more often than this. */
const everyMs = 20_000;

/** Adds why targets that are down cannot be scraped, where the server tells. Throws PrometheusError. */
export function createScrapeErrors(client: PrometheusClient) {
  const readMs = new Map<string, number>();
  const errors = new Map<string, { url: string; error: string }>();
  return async (
    pods: readonly ScrapedPod[],
    targets: readonly ScrapedTarget[],
    nowMs: number,
  ): Promise<readonly ScrapedPod[]> => {
    const failing = pods.filter(({ state }) => state === 'failing').map(({ name }) => name);
    const down = targets.filter(({ pod }) => failing.includes(pod));
    for (const job of new Set(down.map(({ labels }) => labels['job'] ?? ''))) {
      if (nowMs - (readMs.get(job) ?? -Infinity) < everyMs) continue;
      readMs.set(job, nowMs);
      const all = (await client.targets(job)) ?? [];
      for (const { pod, labels } of down) {
        const found = scrapeErrorOf(all, labels);
        if (found !== undefined) errors.set(pod, found);
      }
    }
    return pods.map((pod) => {
      const found = errors.get(pod.name);
      return pod.state === 'failing' && found !== undefined
        ? { ...pod, target: found.url, error: found.error }
        : pod;
    });
  };
}
