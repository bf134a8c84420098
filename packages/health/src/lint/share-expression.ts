import { comparison, textOrComment } from './expression.ts';

/** A query without comments, in which each text is a number between quotes: equal ones have the same. */
function numbered(query: string): string {
  const known: string[] = [];
  return query.replace(textOrComment, (_, text?: string) => {
    if (text === undefined) return '';
    const inside = text.slice(1, -1);
    if (!known.includes(inside)) known.push(inside);
    return `"${known.indexOf(inside)}"`;
  });
}

interface Part {
  /** Without matchers and spaces: `sum(rate(x_total[$window]))`. */
  form: string;
  /** `code="0"`; `$scope` is one. */
  matchers: readonly string[];
}

function partOf(text: string): Part {
  const [, inside = ''] = /\{([^}]*)\}/.exec(text) ?? [];
  const matchers = inside.split(',').map((matcher) => matcher.replace(/\s+/g, ''));
  return {
    form: text.replace(/\{[^}]*\}/g, '').replace(/\s+/g, ''),
    matchers: matchers.filter((matcher) => matcher !== ''),
  };
}

/** A rate of one counter, or a sum of such: of a part of it they are never more than of all. */
const sumOfRate =
  /^(?:sum(?:(?:by|without)\([^()]*\))?\()?(?:rate|irate|increase)\([\w:]+\[[^\]]+\]\)\)?$/;

/**
 * Whether its values are shares from 0 to 1: the rate of a counter, or a sum of rates, by the same of more
 * of it. Averages and maxima, other windows and matchers that select something else make no share.
 */
export function isShare(query: string): boolean {
  const parts = numbered(query).split('/').map(partOf);
  const [above, below] = parts;
  if (above === undefined || below === undefined || parts.length !== 2) return false;
  return (
    above.form === below.form &&
    sumOfRate.test(above.form) &&
    !comparison.test(above.form) &&
    above.matchers.length > below.matchers.length &&
    below.matchers.every((matcher) => above.matchers.includes(matcher))
  );
}
