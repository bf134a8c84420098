import { barChart } from './bar-chart.ts';
import { figure, image, losses, table, type Section } from './section.ts';

/** What bench/startup.ts leaves. */
export interface StartupResult {
  machine: { node: string; cpus: number; loadAverage: number };
  rounds: number;
  rows: readonly {
    name: string;
    kilobytes: number;
    medianMs: number;
    aboveNodeMs: number;
  }[];
}

const peers = new Set(['node', '@actions/core']);

/** The section on how long a bundle takes to start. */
export function startupSection(result: StartupResult): Section {
  const { machine, rounds, rows } = result;
  const categories = rows.map(({ name }) => name);
  const values = (ours: boolean) =>
    rows.map(({ name, medianMs }) => (peers.has(name) === ours ? undefined : medianMs));
  const chart = barChart({
    title: 'From the start of the process to its end',
    unit: 'ms',
    categories,
    series: [
      { name: 'bundles of Slipway', ours: true, values: values(true) },
      { name: 'an empty program, and one that prints a line', ours: false, values: values(false) },
    ],
  });
  const core = rows.find(({ name }) => name === '@actions/core');
  const markdown = [
    `Each bundle in a post step that has nothing to do, an empty program (\`node\`), and a bundle that prints one line through @actions/core; ` +
      `medians of ${rounds} rounds in turns on ${machine.cpus} cores (load ${figure(machine.loadAverage)}, Node ${machine.node.replace('v', '')}).`,
    image('Milliseconds until a bundle has started and ended', 'startup.svg'),
    table(
      ['program', 'size', 'median', 'above node'],
      rows.map(({ name, kilobytes, medianMs, aboveNodeMs }) => [
        name,
        kilobytes === 0 ? '' : `${kilobytes} kB`,
        `${medianMs} ms`,
        `${aboveNodeMs} ms`,
      ]),
    ),
    losses(
      rows
        .filter(({ name }) => !peers.has(name))
        .map(({ name, medianMs }) => ({
          what: name,
          ours: medianMs,
          peer: core?.medianMs ?? Number.NaN,
          peerName: '@actions/core alone',
          unit: 'ms',
        })),
    ),
  ];
  return { markdown: markdown.join('\n\n'), charts: { 'startup.svg': chart } };
}
