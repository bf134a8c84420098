/** Numbers over time, as a chart of the summary shows them. Texts are raw; they are made harmless here. */
export interface SeriesChart {
  title: string;
  /** Oldest first, at least two. Milliseconds since 1970. */
  points: readonly { atMs: number; value: number }[];
  /** Drawn as a second, straight line. */
  limit?: number;
}

/** More columns than this cannot be told apart in a summary's width. */
const columns = 40;
const maxTitle = 80;
/** Larger numbers would have to be written with an exponent, which the chart's language does not know. */
const largest = 1e15;

/**
 * Letters, digits and marks without a meaning to Mermaid, Markdown or HTML: it reads `#…;` as an
 * entity, backticks as Markdown and `%%` as a comment.
 */
function harmless(text: string): string {
  return text
    .replace(/[^\p{L}\p{N} .,()/_-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxTitle)
    .toWellFormed();
}

function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : 4;
  return String(Number(value.toFixed(digits)));
}

/** The value at each of so many equal steps: the last one that was known by then. */
function stepped(points: SeriesChart['points'], firstMs: number, stepMs: number): number[] {
  let at = 0;
  return Array.from({ length: columns + 1 }, (_, step) => {
    while ((points[at + 1]?.atMs ?? Infinity) <= firstMs + step * stepMs) at += 1;
    return points[at]?.value ?? 0;
  });
}

/**
 * The chart as a Mermaid `xychart-beta` in a fenced block, which GitHub draws in summaries; undefined
 * when there is no line to draw.
 */
export function renderSeriesChart({ title, points, limit }: SeriesChart): string | undefined {
  const firstMs = points[0]?.atMs ?? 0;
  const spanMs = (points.at(-1)?.atMs ?? 0) - firstMs;
  const values = points.map(({ value }) => value);
  const all = limit === undefined ? values : [...values, limit];
  if (!(spanMs > 0) || !all.every((value) => Math.abs(value) < largest)) return undefined;
  const low = Math.min(0, ...all);
  const high = Math.max(...all);
  const top = high > low ? high + (high - low) * 0.1 : low + 1;
  const lines = [
    stepped(points, firstMs, spanMs / columns),
    ...(limit === undefined ? [] : [Array.from({ length: columns + 1 }, () => limit)]),
  ];
  return [
    '```mermaid',
    'xychart-beta',
    `    title "${harmless(title)}"`,
    `    x-axis "seconds" 0 --> ${number(spanMs / 1_000)}`,
    `    y-axis ${number(low)} --> ${number(top)}`,
    ...lines.map((line) => `    line [${line.map(number).join(', ')}]`),
    '```',
  ].join('\n');
}
