import { decideShare, failsFreshly } from '../../packages/health/src/index.ts';
import type { ShareUnit } from '../../packages/health/src/index.ts';
import type { Setting } from './release-class.ts';
import type { ScrapedRelease } from './scraped-release.ts';

/** What one verifier said of one release, and when, in seconds from the begin. */
export interface Said {
  verdict: 'healthy' | 'unhealthy' | 'undecided';
  seconds: number;
  queries: number;
  /** What it names as the place of the failures. */
  where?: string;
}

export type Verifier = (release: ScrapedRelease) => Said;

const lookMs = 2_000;

/** Until the next look: sooner while a scrape may decide, as the action does. */
function pauseMs(units: readonly ShareUnit[], { limit, scrapeSeconds }: Setting, nowMs: number) {
  const intervalMs = scrapeSeconds * 1000;
  const hurry = failsFreshly(units, { limit, beganMs: 0, nowMs, intervalMs });
  return hurry ? Math.min(lookMs, Math.max(500, intervalMs / 8)) : lookMs;
}

/** The rule of verify-health, looked at every 2 s, and more often while failures are new. */
export const verifyHealth: Verifier = ({ units, control, gone, setting, seed }) => {
  let seen = 0;
  let seenOld = 0;
  const phaseMs = (seed * 617) % lookMs;
  const deadlineMs = setting.deadlineSeconds * 1000;
  const minSoakMs = setting.minSoakSeconds * 1000;
  let queries = 0;
  let waitMs: number;
  for (let nowMs = phaseMs; ; nowMs = Math.min(nowMs + waitMs, deadlineMs)) {
    const before = seen;
    while ((units[seen]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) seen += 1;
    while ((control[seenOld]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) seenOld += 1;
    queries += 2;
    const counted = units.slice(0, seen).filter(({ pod }) => (gone.get(pod) ?? nowMs) >= nowMs);
    waitMs = pauseMs(counted, setting, nowMs);
    if (seen > before || nowMs === phaseMs) {
      const decided = decideShare(counted, {
        limit: setting.limit,
        beganMs: 0,
        nowMs,
        control: control.slice(0, seenOld),
      });
      const seconds = nowMs / 1000;
      if (decided.decision === 'above')
        return {
          verdict: 'unhealthy',
          seconds,
          queries,
          ...(decided.where === undefined
            ? {}
            : { where: decided.where.kind + ' ' + decided.where.name }),
        };
      const soakedMs = nowMs - (decided.wellSinceMs ?? nowMs);
      if (decided.decision === 'below' && soakedMs >= minSoakMs)
        return { verdict: 'healthy', seconds, queries };
    }
    if (nowMs >= deadlineMs) return { verdict: 'undecided', seconds: nowMs / 1000, queries };
  }
};
