/** What the page tells of one benchmark. */
export interface Section {
  markdown: string;
  /** SVG by file name, without its folder. */
  charts: Readonly<Record<string, string>>;
}

/** One number of ours beside that of a peer, where less is better. */
export interface Comparison {
  what: string;
  ours: number;
  peer: number;
  peerName: string;
  /** Empty for what is counted. */
  unit: string;
}

/** The middle one; the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Three digits that count: `0.457`, `12.3`, `809`. */
export function figure(value: number): string {
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A chart as it stands in the page. */
export function image(alt: string, file: string): string {
  return `![${alt}](images/benchmarks/${file})`;
}

/** Less than this much more is noise and no loss. */
const noise = 0.05;

/** How many times as much; infinite where the peer needs none. */
const times = ({ ours, peer }: Comparison): number => ours / peer;

/** What Slipway needs more of than a peer, the worst first. Said of every benchmark, also when it is nothing. */
export function losses(comparisons: readonly Comparison[]): string {
  const lost = comparisons
    .filter(({ ours, peer }) => ours > peer * (1 + noise))
    .sort((a, b) => (times(a) === times(b) ? b.ours - a.ours : times(b) - times(a)));
  if (lost.length === 0)
    return `**Where it loses:** nowhere in this run, by more than ${noise * 100} %.`;
  return [
    '**Where it loses:**',
    '',
    table(
      ['what', 'Slipway', 'peer', 'times'],
      lost.map((comparison) => {
        const { what, ours, peer, peerName, unit } = comparison;
        const amount = (value: number): string => `${figure(value)} ${unit}`.trim();
        const ratio = times(comparison);
        return [
          what,
          amount(ours),
          `${amount(peer)} (${peerName})`,
          Number.isFinite(ratio) ? ratio.toFixed(1) : '',
        ];
      }),
    ),
  ].join('\n');
}
