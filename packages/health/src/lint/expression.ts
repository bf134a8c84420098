/** Functions and operators whose value may be negative although what they are given is not. */
const mayBeNegative =
  /\b(delta|idelta|deriv|predict_linear|ln|log2|log10|sin|cos|tan|asin|atan|sinh|tanh|sgn|holt_winters|double_exponential_smoothing|scalar|vector|time|timestamp|clamp|clamp_min|clamp_max)\s*\(/;
const counting =
  /\b(rate|irate|increase|changes|resets|count|count_over_time|histogram_quantile)\s*\(/;
const counter = /_(total|count|bucket)$/;
const comparison = /[<>]=?|[=!]=/;

const textOrComment = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|#.*$/gm;

/** A query without comments, and with empty texts: what stands in either is no operator. */
function emptied(query: string): string {
  return query.replace(textOrComment, (_, text?: string) => (text === undefined ? '' : '""'));
}

/** A query without its texts, matchers and windows, in which operators stand alone. */
export function bareExpression(query: string): string {
  return emptied(query)
    .replaceAll('""', '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\boffset\s+-?\w+|@\s*\S+/g, '');
}

/** Whether the values of a query are never below zero, as far as its text can tell. */
export function isNeverNegative(query: string, names: readonly string[]): boolean {
  const bare = bareExpression(query);
  if (bare.includes('-') || mayBeNegative.test(bare) || names.length === 0) return false;
  return counting.test(bare) || names.every((name) => counter.test(name));
}

/** Whether its values are shares from 0 to 1: one part of a counter by all of it. */
export function isShare(query: string, names: readonly string[]): boolean {
  const bare = bareExpression(query);
  const parts = bare.split('/');
  const isPlain = !/[-+*%^]|\b(or|and|unless)\b/.test(bare) && !comparison.test(bare);
  const [above = '', below = ''] = parts;
  const name = names[0] ?? '';
  const counts = (part: string): boolean => part.includes(name) && counting.test(part);
  // Of the whole only a part can be selected: what is below must have fewer matchers.
  const [over = '', under = ''] = emptied(query).split('/');
  const matchers = (text: string): number => text.match(/[=!]~?\s*["'`]/g)?.length ?? 0;
  return (
    isPlain &&
    parts.length === 2 &&
    names.length === 1 &&
    counts(above) &&
    counts(below) &&
    matchers(over) > matchers(under)
  );
}

/** Whether it gives a value only where a comparison holds: no value is never a pass. */
export function filtersItself(query: string): boolean {
  const bare = bareExpression(query);
  return comparison.test(bare) && !/\bbool\b/.test(bare);
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** The windows that are written into a query, in milliseconds; those of subqueries are passed over. */
export function windowsOf(query: string): readonly { text: string; ms: number }[] {
  const windows = query.matchAll(/\[\s*((?:\d+(?:ms|[smhdwy]))+)\s*\]/g);
  return [...windows].map(([, text = '']) => {
    const pieces = text.matchAll(/(\d+)(ms|[smhdwy])/g);
    const ms = [...pieces].reduce(
      (sum, [, number = '0', unit = 's']) => sum + Number(number) * (unitMs[unit] ?? 0),
      0,
    );
    return { text, ms };
  });
}
