import { barChart } from './bar-chart.ts';
import { figure, image, losses, table, type Section } from './section.ts';

/** What bench/helm-atomic-upgrade.ts leaves. */
export interface HelmResult {
  timeout: string;
  repeats: number;
  cpus: number;
  table: readonly {
    scenario: string;
    major: string;
    plainMs: number;
    slipwayMs: number;
    plainNamed: number;
    slipwayNamed: number;
    plainHealthyAfter: number;
    slipwayHealthyAfter: number;
    of: number;
  }[];
  samples: readonly { scenario: string; ok: boolean }[];
}

type Row = HelmResult['table'][number];

const peerName = 'helm --atomic';
const helmOf = ({ major }: Row): string => `Helm ${major.replace('v', '')}`;

function chartOf(title: string, rows: readonly Row[]): string {
  const categories = [...new Set(rows.map(({ scenario }) => scenario))];
  const majors = [...new Set(rows.map(helmOf))];
  const values = (helm: string, of: (row: Row) => number): (number | undefined)[] =>
    categories.map((scenario) => {
      const row = rows.find((one) => one.scenario === scenario && helmOf(one) === helm);
      return row === undefined ? undefined : of(row) / 1000;
    });
  const arm = (ours: boolean) =>
    majors.map((helm) => ({
      name: `${ours ? 'helm-atomic-upgrade' : peerName}, ${helm}`,
      ours,
      values: values(helm, ({ slipwayMs, plainMs }) => (ours ? slipwayMs : plainMs)),
    }));
  return barChart({ title, unit: 's', categories, series: [...arm(true), ...arm(false)] });
}

/** The section on helm-atomic-upgrade. */
export function helmSection(result: HelmResult): Section {
  const { timeout, repeats, cpus, table: rows, samples } = result;
  const failing = new Set(samples.filter(({ ok }) => !ok).map(({ scenario }) => scenario));
  const sick = rows.filter(({ scenario }) => failing.has(scenario));
  const well = rows.filter(({ scenario }) => !failing.has(scenario));
  const charts = {
    'helm-failing.svg': chartOf('Upgrades that fail: until the command ends', sick),
    'helm-passing.svg': chartOf('Upgrades that succeed: until the command ends', well),
  };
  const markdown = [
    `\`helm upgrade --install --atomic --wait --timeout ${timeout}\` and the action with the same \`timeout\`, in turns on one cluster ` +
      `of ${cpus} cores; medians of ${repeats}. "Named" is how often the output says why, "healthy after" how often the old release serves again when the command ends.`,
    image('Seconds until a failing upgrade ends', 'helm-failing.svg'),
    image('Seconds until a successful upgrade ends', 'helm-passing.svg'),
    table(
      ['upgrade', 'Helm', peerName, 'Slipway', 'named', 'healthy after'],
      rows.map((row) => [
        row.scenario,
        row.major.replace('v', ''),
        `${figure(row.plainMs / 1000)} s`,
        `${figure(row.slipwayMs / 1000)} s`,
        failing.has(row.scenario)
          ? `${peerName} ${row.plainNamed}, Slipway ${row.slipwayNamed} of ${row.of}`
          : '',
        `${row.plainHealthyAfter} and ${row.slipwayHealthyAfter} of ${row.of}`,
      ]),
    ),
    losses(
      rows.map((row) => ({
        what: `${row.scenario}, ${helmOf(row)}`,
        ours: row.slipwayMs / 1000,
        peer: row.plainMs / 1000,
        peerName,
        unit: 's',
      })),
    ),
  ];
  return { markdown: markdown.join('\n\n'), charts };
}
