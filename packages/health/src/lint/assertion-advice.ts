import { metricNames } from '@slipway/prometheus';
import { formatDuration } from '@slipway/runtime';
import { satisfies, type Assertion, type Requirement } from '../judge/index.ts';
import { warning, type Advice } from './advice.ts';
import { filtersItself, isNeverNegative, type TypeOf } from './expression.ts';
import { windowsOf } from './query-window.ts';
import { isShare } from './share-expression.ts';

/** Whether every value from `low` to `high` is what it must be, or none is; undefined for some. */
function always(must: Requirement, low: number, high: number): boolean | undefined {
  const probes = [low, high, must.limit, must.limit - 1e-9, must.limit + 1e-9]
    .filter((value) => value >= low && value <= high)
    .map((value) => (value === Infinity ? Number.MAX_VALUE : value));
  const held = probes.map((value) => satisfies(value, must));
  if (held.every(Boolean)) return true;
  return held.some(Boolean) ? undefined : false;
}

function rangeAdvice(name: string, query: string, must: Requirement, typeOf?: TypeOf): Advice[] {
  const names = metricNames(query);
  const share = names.length === 1 && isShare(query);
  if (!share && !isNeverNegative(query, names, typeOf)) return [];
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

/**
 * What is wrong with a query by its text, and by the types of its metrics as far as they are known.
 * `intervalMs` is how often pods are scraped, if known.
 */
export function assertionAdvice(
  assertion: Assertion,
  intervalMs: number | undefined,
  typeOf?: TypeOf,
): readonly Advice[] {
  if (assertion.kind === 'share') return [];
  const { name, query, must } = assertion;
  const advice = rangeAdvice(name, query, must, typeOf);
  if (filtersItself(query))
    advice.push(
      warning(
        name,
        'has no value where its own comparison does not hold, and no value is never a pass',
        'Take the comparison out of the query and put it into must, or write it with bool.',
      ),
    );
  if (intervalMs === undefined) return advice;
  const everyMs = formatDuration(intervalMs);
  for (const { text, ms, samples } of windowsOf(query))
    if (ms < samples * intervalMs)
      advice.push(
        warning(
          name,
          samples === 2
            ? `[${text}] is shorter than two scrapes, which come every ${everyMs}: most of the time there is nothing to compute`
            : `[${text}] is shorter than the time between two scrapes, ${everyMs}: now and then there is nothing in it`,
          'Write [$window], which is four scrape intervals.',
        ),
      );
  return advice;
}
