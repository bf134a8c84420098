import { formatDuration } from '@slipway/runtime';
import { fewestRequests, usualRisk } from '../judge/index.ts';
import { warning, type Advice } from './advice.ts';

/** The times of a verification, and the shares that it has to show. Milliseconds. */
export interface Windows {
  minSoakMs: number;
  deadlineMs: number;
  /** How often the slowest pod is scraped. */
  intervalMs: number;
  shares: readonly { name: string; limit: number }[];
}

const shortestSlotMs = 2_000;

/** The shortest time in which a release can be called healthy: its soak, with two scrapes in it. */
export function shortestVerdictMs({
  minSoakMs,
  intervalMs,
}: Pick<Windows, 'minSoakMs' | 'intervalMs'>): number {
  return Math.max(minSoakMs, 2 * intervalMs);
}

/** A deadline before which no release could be called healthy. */
export function windowAdvice(windows: Omit<Windows, 'shares'>): readonly Advice[] {
  const { deadlineMs, intervalMs } = windows;
  const needMs = shortestVerdictMs(windows);
  // The first scrape of a new pod comes up to an interval after it began.
  if (deadlineMs > needMs + intervalMs) return [];
  const times = [needMs, intervalMs, deadlineMs, needMs + 2 * intervalMs].map(formatDuration);
  const [need = '', every = '', given = '', enough = ''] = times;
  return [
    warning(
      'deadline',
      `a soak that holds two scrapes takes ${need} with one every ${every}, and ${given} leave no room for it: hardly a release could be called healthy`,
      `Set deadline to ${enough} or later, or let Prometheus scrape more often.`,
    ),
  ];
}

/** Too few requests to show a share by the deadline, when they come as they did. */
export function trafficAdvice(
  { deadlineMs, intervalMs, shares }: Windows,
  perSecond: number,
): readonly Advice[] {
  const widthMs = Math.max(shortestSlotMs, intervalMs);
  const perScrape = (perSecond * widthMs) / 1000;
  const come = Math.floor((perSecond * deadlineMs) / 1000);
  return shares.flatMap(({ name, limit }) => {
    const needed = fewestRequests(limit, widthMs, { risk: usualRisk.below, perScrape });
    if (come >= needed) return [];
    return [
      warning(
        name,
        `takes about ${needed} requests without a failure to be shown, and about ${come} come until the deadline, as they did in the last ten minutes`,
        'Set traffic to send requests of its own, or a later deadline.',
      ),
    ];
  });
}
