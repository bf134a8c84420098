import { metricNames } from '@slipway/prometheus';
import { formatDuration } from '@slipway/runtime';
import { satisfies, type Assertion, type Requirement } from '../judge/index.ts';
import { warning, type Advice } from './advice.ts';
import { filtersItself, isNeverNegative, isShare, windowsOf } from './expression.ts';

/** Whether every value from `low` to `high` is what it must be, or none is; undefined for some. */
function always(must: Requirement, low: number, high: number): boolean | undefined {
  const probes = [low, high, must.limit, must.limit - 1e-9, must.limit + 1e-9]
    .filter((value) => value >= low && value <= high)
    .map((value) => (value === Infinity ? Number.MAX_VALUE : value));
  const held = probes.map((value) => satisfies(value, must));
  if (held.every(Boolean)) return true;
  return held.some(Boolean) ? undefined : false;
}

function rangeAdvice(name: string, query: string, must: Requirement): Advice[] {
  const names = metricNames(query);
  const share = isShare(query, names);
  if (!share && !isNeverNegative(query, names)) return [];
  const holds = always(must, 0, share ? 1 : Infinity);
  const values = share ? 'from 0 to 1' : 'never below 0';
  const percent = share && must.limit > 1 ? ` Is ${must.limit}% meant?` : '';
  if (holds === true)
    return [
      warning(
        name,
        `cannot fail: its values are ${values}, and must be ${must.text}`,
        `Correct must, so that a sick release would break it.${percent}`,
      ),
    ];
  if (holds === false)
    return [
      warning(
        name,
        `cannot hold: its values are ${values}, and must be ${must.text}`,
        `Correct must: every release would be called unhealthy.${percent}`,
      ),
    ];
  return [];
}

/** What is wrong with a query by its text alone. `intervalMs` is how often pods are scraped, if known. */
export function assertionAdvice(
  assertion: Assertion,
  intervalMs: number | undefined,
): readonly Advice[] {
  if (assertion.kind === 'share') return [];
  const { name, query, must } = assertion;
  const advice = rangeAdvice(name, query, must);
  if (filtersItself(query))
    advice.push(
      warning(
        name,
        'has no value where its own comparison does not hold, and no value is never a pass',
        'Take the comparison out of the query and put it into must, or write it with bool.',
      ),
    );
  if (intervalMs === undefined) return advice;
  for (const { text, ms } of windowsOf(query))
    if (ms < 2 * intervalMs)
      advice.push(
        warning(
          name,
          `[${text}] is shorter than two scrapes, which come every ${formatDuration(intervalMs)}: most of the time there is nothing to compute`,
          'Write [$window], which is four scrape intervals.',
        ),
      );
  return advice;
}
