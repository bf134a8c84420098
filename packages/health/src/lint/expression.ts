import { metricNames } from '@slipway/prometheus';

/** The type that Prometheus knows of a metric, such as `counter`; undefined where it knows none. */
export type TypeOf = (metric: string) => string | undefined;

/** Functions and operators whose value may be negative although what they are given is not. */
const mayBeNegative =
  /\b(delta|idelta|deriv|predict_linear|ln|log2|log10|sin|cos|tan|asin|atan|sinh|tanh|sgn|holt_winters|double_exponential_smoothing|scalar|vector|time|timestamp|clamp|clamp_min|clamp_max|histogram_avg|histogram_sum|histogram_quantile|histogram_fraction)\s*\(/;
/** What counts, whatever it counts. */
const counting =
  /\b(?:changes|resets|count|count_over_time|histogram_count|group|absent|absent_over_time|present_over_time)\s*(?:\b(?:by|without)\s*\([^()]*\)\s*)?\(/g;
const quantile = /\bhistogram_quantile\s*\(/g;
/** Counters by the names that OpenMetrics gives them. A `_sum` of what may be negative may be so too. */
const counter = /_(total|count|bucket)$/;
/** Buckets of what is never negative. */
const extent = /(seconds|duration|latency|bytes|size|length)_bucket$/;
/** Operators that filter; matchers have to be taken out before. */
export const comparison = /[<>]=?|[=!]=/;

export const textOrComment = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|#.*$/gm;

/** A query without comments, and with empty texts: what stands in either is no operator. */
export function emptied(query: string): string {
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

/** The place behind the parenthesis that closes the one at `open`; undefined when none does. */
function closedAt(text: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

/** The expression with every call of these functions replaced by 1, if `isReplaced` says so of the call. */
function withoutCalls(bare: string, calls: RegExp, isReplaced: (call: string) => boolean): string {
  let rest = '';
  let from = 0;
  for (const match of bare.matchAll(calls)) {
    if (match.index < from) continue;
    const end = closedAt(bare, match.index + match[0].length - 1);
    if (end === undefined || !isReplaced(bare.slice(match.index, end))) continue;
    rest += `${bare.slice(from, match.index)}1`;
    from = end;
  }
  return rest + bare.slice(from);
}

/**
 * Whether the values of a query are never below zero, as far as its text and the metrics' types can tell:
 * every metric in it is a counter, or is counted. A gauge may be negative, and so may its rate be.
 */
export function isNeverNegative(
  query: string,
  names: readonly string[],
  typeOf: TypeOf = () => undefined,
): boolean {
  if (names.length === 0) return false;
  const isCounter = (name: string): boolean => {
    const type = typeOf(name);
    if (type === undefined || type === 'unknown') return counter.test(name);
    return type === 'counter' || (type === 'histogram' && counter.test(name));
  };
  const isQuick = (call: string): boolean => metricNames(call).every((name) => extent.test(name));
  const counted = withoutCalls(bareExpression(query), counting, () => true);
  const rest = withoutCalls(counted, quantile, isQuick);
  return !rest.includes('-') && !mayBeNegative.test(rest) && metricNames(rest).every(isCounter);
}

/** Whether it gives a value only where a comparison holds: no value is never a pass. */
export function filtersItself(query: string): boolean {
  const bare = bareExpression(query);
  return comparison.test(bare) && !/\bbool\b/.test(bare);
}
