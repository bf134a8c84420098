import { escapeHtml } from '@slipway/runtime';
import { chartNumber, scaleOf, type SeriesChart } from './series-scale.ts';

const width = 640;
const height = 240;
const left = 64;
const right = 16;
const above = 32;
const below = 40;
const maxTitle = 80;

/** Text of an element; what XML cannot hold is gone. */
const texted = (text: string): string =>
  escapeHtml(text.replace(/[\ufffe\uffff]/g, '').toWellFormed());

const label = (x: number, y: number, anchor: 'start' | 'middle' | 'end', text: string): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${texted(text)}</text>`;

/**
 * The chart as an SVG document that needs nothing from elsewhere: the values as steps, the limit dashed;
 * undefined when there is no line to draw.
 */
export function renderSeriesSvg(chart: SeriesChart): string | undefined {
  const scale = scaleOf(chart);
  if (scale === undefined) return undefined;
  const { points, limit } = chart;
  const { firstMs, spanMs, low, top } = scale;
  const end = width - right;
  const floor = height - below;
  const x = (atMs: number): string =>
    (left + ((atMs - firstMs) / spanMs) * (end - left)).toFixed(1);
  const y = (value: number): string =>
    (floor - ((value - low) / (top - low)) * (floor - above)).toFixed(1);
  const [first, ...rest] = points.map(({ atMs, value }) => ({ x: x(atMs), y: y(value) }));
  const steps = rest.map((point) => `H${point.x}V${point.y}`).join('');
  const title = chart.title.replace(/\s+/g, ' ').trim().slice(0, maxTitle).toWellFormed();
  const limited =
    limit === undefined
      ? []
      : [
          `<path d="M${left} ${y(limit)}H${end}" stroke="#cf222e" stroke-dasharray="6 4"/>`,
          label(end, Number(y(limit)) - 4, 'end', `limit ${chartNumber(limit)}`),
        ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="12" fill="none">`,
    `<title>${texted(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<path d="M${left} ${above}V${floor}H${end}" stroke="#57606a"/>`,
    `<path d="M${first?.x ?? left} ${first?.y ?? floor}${steps}" stroke="#0969da" stroke-width="2"/>`,
    ...limited.slice(0, 1),
    '<g fill="#24292f">',
    label(left, above - 12, 'start', title),
    label(left - 8, above + 4, 'end', chartNumber(top)),
    label(left - 8, floor + 4, 'end', chartNumber(low)),
    label(left, floor + 18, 'middle', '0'),
    label(end, floor + 18, 'end', `${chartNumber(spanMs / 1_000)} s`),
    ...limited.slice(1),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
