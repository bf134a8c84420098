import { count } from '@slipway/runtime';
import type { Finding } from '../judge/index.ts';
import type { ShareCheck } from './metric-evidence.ts';

/** Fewer requests of a route say nothing of it. */
const enough = 20;
const shownRoutes = 3;

/**
 * What is to be said of routes that answer nothing but 4xx, which the error share does not count. When
 * no user of any route got anything else, it is not proven that the service works at all; one route of
 * several may well be asked for what is not there, so it is told and does not decide.
 */
export function refusalFinding(check: Pick<ShareCheck, 'routes'>): Finding | undefined {
  const asked = check.routes.filter(({ total }) => total >= enough);
  const barren = asked.filter(({ total, refused }) => refused >= total);
  if (barren.length === 0) return undefined;
  const names = barren
    .slice(0, shownRoutes)
    .map(({ route, total }) => (route === '' ? `${total} requests` : `${route} (${total})`));
  const more =
    barren.length > shownRoutes ? ` and ${count(barren.length - shownRoutes, 'more route')}` : '';
  const all = check.routes.every(({ total, refused }) => refused >= total);
  const what = `${names.join(', ')}${more} answered nothing but 4xx, which is not counted as failed`;
  const next = 'If these should be answered, set bad-codes to 4xx and 5xx, or name the codes.';
  return all
    ? {
        check: 'client errors',
        state: 'open',
        settled: true,
        next,
        detail: `no request of a user was answered otherwise: ${what}`,
        wouldChange: 'requests that are answered with success',
      }
    : { check: 'client errors', state: 'good', wellSinceMs: 0, detail: what, next };
}
