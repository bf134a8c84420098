/** Numbers over time, as charts show them. Texts are raw; they are made harmless where they are drawn. */
export interface SeriesChart {
  title: string;
  /** Oldest first, at least two. Milliseconds since 1970. */
  points: readonly { atMs: number; value: number }[];
  /** Drawn as a second, straight line. */
  limit?: number;
}

/** What the axes of a chart span. */
export interface SeriesScale {
  firstMs: number;
  spanMs: number;
  low: number;
  top: number;
}

/** Larger numbers would have to be written with an exponent, which charts do not show. */
const largest = 1e15;

/** The axes for a series, with room above the highest value; undefined when there is no line to draw. */
export function scaleOf({ points, limit }: SeriesChart): SeriesScale | undefined {
  const firstMs = points[0]?.atMs ?? 0;
  const spanMs = (points.at(-1)?.atMs ?? 0) - firstMs;
  const values = points.map(({ value }) => value);
  const all = limit === undefined ? values : [...values, limit];
  if (!(spanMs > 0) || !all.every((value) => Math.abs(value) < largest)) return undefined;
  const low = Math.min(0, ...all);
  const high = Math.max(...all);
  return { firstMs, spanMs, low, top: high > low ? high + (high - low) * 0.1 : low + 1 };
}

/** A number in the few digits that a chart has room for. */
export function chartNumber(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : 4;
  return String(Number(value.toFixed(digits)));
}
