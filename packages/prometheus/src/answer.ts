/** One point of a series. `value` is finite, or NaN, or infinite: see `readValue`. */
export interface Point {
  /** Milliseconds since 1970. */
  timeMs: number;
  value: number;
}

/** One series of an answer. */
export interface Series {
  labels: Readonly<Record<string, string>>;
  /** In order of time; exactly one for an instant vector. */
  points: readonly Point[];
}

/** A native histogram at one time, as buckets without a gap between their counts. */
export interface HistogramPoint {
  timeMs: number;
  count: number;
  /** Lower bound, upper bound, how many observations lie between. */
  buckets: readonly (readonly [number, number, number])[];
}

/** One series of native histograms. */
export interface HistogramSeries {
  labels: Readonly<Record<string, string>>;
  /** In order of time. */
  points: readonly HistogramPoint[];
}

/** What Prometheus answered. An empty `series` is an answer: nothing matched. It is not zero. */
export interface Answer {
  type: 'vector' | 'matrix' | 'scalar' | 'string';
  series: readonly Series[];
  /** Native histograms, which have no single value. */
  histograms: readonly HistogramSeries[];
  /** Partial results, truncated ones, stores that did not answer. */
  warnings: readonly string[];
  /** Likely mistakes in the query. Only servers since 2.54 send them. */
  infos: readonly string[];
}

/** What the value of one point means. A number stands for itself only when it is `finite`. */
export type ValueMeaning =
  | { kind: 'finite'; value: number }
  /** 0/0, most often a share of no requests. */
  | { kind: 'not-a-number' }
  /** x/0, or the quantile of an empty bucket. */
  | { kind: 'infinite'; sign: 1 | -1 };

/** Tells numbers from what only looks like one. Comparing NaN or Inf with a limit has no meaning. */
export function readValue(value: number): ValueMeaning {
  if (Number.isNaN(value)) return { kind: 'not-a-number' };
  if (!Number.isFinite(value)) return { kind: 'infinite', sign: value > 0 ? 1 : -1 };
  return { kind: 'finite', value };
}

type RawPoint = readonly [number, string];
/** A bucket is its rule of boundaries, its bounds and its count. */
type RawBucket = readonly [number, string, string, string];
type RawHistogram = readonly [number, { count?: string; buckets?: readonly RawBucket[] }];
interface RawSeries {
  metric?: Record<string, string>;
  value?: RawPoint;
  values?: readonly RawPoint[];
  histogram?: RawHistogram;
  histograms?: readonly RawHistogram[];
}

/** The envelope of the HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export interface RawAnswer {
  status?: unknown;
  data?: unknown;
  errorType?: unknown;
  error?: unknown;
  /** `Status`, with a message, when the API server of a cluster answers in its place. */
  kind?: unknown;
  message?: unknown;
  warnings?: unknown;
  infos?: unknown;
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** `12.5`, `NaN`, `+Inf`, `-Inf`: values travel as texts. */
function parseValue(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return text === 'NaN' ? NaN : Number(text);
}

const point = ([seconds, text]: RawPoint): Point => ({
  timeMs: Math.round(seconds * 1000),
  value: parseValue(text),
});

const histogramPoint = ([
  seconds,
  { count = '0', buckets = [] },
]: RawHistogram): HistogramPoint => ({
  timeMs: Math.round(seconds * 1000),
  count: parseValue(count),
  buckets: buckets.map(([, lower, upper, inside]) => [
    parseValue(lower),
    parseValue(upper),
    parseValue(inside),
  ]),
});

/** Reads the answer to a query; undefined when it is not one of Prometheus. */
export function parseAnswer(raw: RawAnswer): Answer | undefined {
  const data = raw.data as { resultType?: unknown; result?: unknown } | undefined;
  const type = data?.resultType;
  const notes = { warnings: texts(raw.warnings), infos: texts(raw.infos) };
  if (type === 'scalar' || type === 'string') {
    const only = data?.result as RawPoint;
    const series = type === 'scalar' ? [{ labels: {}, points: [point(only)] }] : [];
    return { type, series, histograms: [], ...notes };
  }
  if ((type !== 'vector' && type !== 'matrix') || !Array.isArray(data?.result)) return undefined;
  const raws = data.result as RawSeries[];
  const series = raws.flatMap(({ metric = {}, value, values }): Series[] => {
    const points = value === undefined ? (values ?? []) : [value];
    return points.length === 0 ? [] : [{ labels: metric, points: points.map(point) }];
  });
  const histograms = raws.flatMap(({ metric = {}, histogram, histograms: several }) => {
    const points = histogram === undefined ? (several ?? []) : [histogram];
    return points.length === 0 ? [] : [{ labels: metric, points: points.map(histogramPoint) }];
  });
  return { type, series, histograms, ...notes };
}
