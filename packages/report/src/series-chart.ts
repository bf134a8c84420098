import { chartNumber, scaleOf, type SeriesChart } from './series-scale.ts';

/** More columns than this cannot be told apart in a summary's width. */
const columns = 40;
const maxTitle = 80;

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
export function renderSeriesChart(chart: SeriesChart): string | undefined {
  const scale = scaleOf(chart);
  if (scale === undefined) return undefined;
  const { title, points, limit } = chart;
  const { firstMs, spanMs, low, top } = scale;
  const lines = [
    stepped(points, firstMs, spanMs / columns),
    ...(limit === undefined ? [] : [Array.from({ length: columns + 1 }, () => limit)]),
  ];
  return [
    '```mermaid',
    'xychart-beta',
    `    title "${harmless(title)}"`,
    `    x-axis "seconds" 0 --> ${chartNumber(spanMs / 1_000)}`,
    `    y-axis ${chartNumber(low)} --> ${chartNumber(top)}`,
    ...lines.map((line) => `    line [${line.map(chartNumber).join(', ')}]`),
    '```',
  ].join('\n');
}
