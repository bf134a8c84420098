import { barChart } from './bar-chart.ts';
import { figure, image, losses, table, type Section } from './section.ts';

/** What bench/go-cross-build.ts leaves. */
export interface CrossBuildResult {
  what: string;
  targets: readonly string[];
  imageTargets: readonly string[];
  rounds: number;
  cores: number;
  table: readonly {
    job: string;
    arm: string;
    version: string;
    cache: string;
    wallSeconds: number | null;
    cpuSeconds: number | null;
    peakMB: number | null;
    megabytes: number | null;
  }[];
}

type Row = CrossBuildResult['table'][number];

const own = 'slipway';
const caseOf = ({ job, cache }: Row): string => `${job}, ${cache} cache`;
/** What could not be measured is null in JSON. */
const shown = (value: number | null, unit: string): string =>
  value === null ? 'not measured' : `${figure(value)} ${unit}`;

/** The section on go-cross-build. */
export function crossBuildSection(result: CrossBuildResult): Section {
  const { what, targets, imageTargets, rounds, cores, table: rows } = result;
  const categories = [...new Set(rows.map(caseOf))];
  const arms = [...new Set(rows.map(({ arm }) => arm))];
  const rowOf = (arm: string, one: string) =>
    rows.find((row) => row.arm === arm && caseOf(row) === one);
  const chart = barChart({
    title: 'Until everything is built',
    unit: 's',
    categories,
    series: arms.map((arm) => ({
      name: arm,
      ours: arm === own,
      values: categories.map((one) => rowOf(arm, one)?.wallSeconds ?? undefined),
    })),
  });
  const compared = rows
    .filter(({ arm }) => arm !== own)
    .flatMap((row) => {
      const mine = rowOf(own, caseOf(row));
      const parts = [
        ['time', 'wallSeconds', 's'],
        ['processor time', 'cpuSeconds', 's'],
        ['memory at most', 'peakMB', 'MB'],
        ['size', 'megabytes', 'MB'],
      ] as const;
      return parts.flatMap(([part, key, unit]) => {
        const [ours, peer] = [mine?.[key] ?? null, row[key]];
        if (ours === null || peer === null) return [];
        return { what: `${caseOf(row)}: ${part}`, ours, peer, peerName: row.arm, unit };
      });
    });
  const markdown = [
    `${what}: programs for ${targets.join(', ')}, images for ${imageTargets.join(', ')}, on ${cores} cores; medians of ${rounds} rounds in turns.`,
    image('Seconds until programs and images are built', 'cross-build.svg'),
    table(
      ['job', 'by', 'time', 'processor time', 'memory at most', 'size'],
      rows.map((row) => [
        caseOf(row),
        `${row.arm} ${row.version}`.trim(),
        shown(row.wallSeconds, 's'),
        shown(row.cpuSeconds, 's'),
        shown(row.peakMB, 'MB'),
        shown(row.megabytes, 'MB'),
      ]),
    ),
    losses(compared),
  ];
  return { markdown: markdown.join('\n\n'), charts: { 'cross-build.svg': chart } };
}
