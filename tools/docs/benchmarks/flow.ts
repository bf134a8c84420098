import { barChart } from './bar-chart.ts';
import { figure, image, losses, median, table, type Comparison, type Section } from './section.ts';

/** What bench/flow.ts leaves. */
export interface FlowResult {
  machine: { node: string; cpus: number; loadAverage: number };
  rounds: number;
  samples: readonly { layout: string; services: number; peer: string; seconds: number }[];
}

const own = 'release-context';
const peerName = 'go list, module by module';

interface Row {
  layout: string;
  services: number;
  ours: number;
  /** NaN where it was not asked. */
  peer: number;
}

function rowsOf({ samples }: FlowResult): readonly Row[] {
  const groups = Map.groupBy(samples, ({ layout, services }) => `${layout}|${services}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const secondsOf = (name: string): number =>
      median(group.filter(({ peer }) => peer === name).map(({ seconds }) => seconds));
    return [
      {
        layout: first.layout,
        services: first.services,
        ours: secondsOf(own),
        peer: secondsOf(peerName),
      },
    ];
  });
}

const caseOf = ({ layout, services }: Row): string => `${services} services, ${layout}`;

/** The section on how long a plan takes. */
export function flowSection(result: FlowResult): Section {
  const { machine, rounds } = result;
  const rows = rowsOf(result);
  const comparisons = rows.map((row): Comparison => ({
    what: caseOf(row),
    ours: row.ours,
    peer: row.peer,
    peerName,
    unit: 's',
  }));
  const chart = barChart({
    title: 'The plan of a push that changes a library',
    unit: 's',
    categories: rows.map(caseOf),
    series: [
      { name: own, ours: true, values: rows.map(({ ours }) => ours) },
      {
        name: peerName,
        ours: false,
        values: rows.map(({ peer }) => (Number.isNaN(peer) ? undefined : peer)),
      },
    ],
  });
  const markdown = [
    `The plan of a push that changes a library which 10 services import: the bundle of \`release-context\` from its start to its end, which lists the packages ` +
      `for this machine and for the target with cgo on and off, beside one plain \`go list\` in each module, which is where asking each module begins. ` +
      `Medians of ${rounds} rounds, of the peer one, on ${machine.cpus} cores (load ${figure(machine.loadAverage)}, Node ${machine.node.replace('v', '')}).`,
    image('Seconds until a push is planned', 'flow.svg'),
    table(
      ['repository', 'release-context', peerName],
      rows.map((row) => [
        caseOf(row),
        `${figure(row.ours)} s`,
        Number.isNaN(row.peer) ? '' : `${figure(row.peer)} s`,
      ]),
    ),
    losses(comparisons),
  ];
  return { markdown: markdown.join('\n\n'), charts: { 'flow.svg': chart } };
}
