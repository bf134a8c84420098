import { requestsMissing } from './evidence-below.ts';

/**
 * The fewest requests without a failure with which a share can be shown to be below `limit`, when
 * `perScrape` of them come between two scrapes that lie `widthMs` apart; those of two scrapes at least.
 */
export function fewestRequests(
  limit: number,
  widthMs: number,
  { risk, perScrape }: { risk: number; perScrape: number },
): number {
  const total = Math.max(1, Math.round(perScrape));
  const seen = [1, 2].map((atMs) => ({ fromMs: atMs - 1, atMs, total, bad: 0, excused: 0 }));
  return 2 * total + requestsMissing(seen, limit, widthMs, risk);
}
