import { figure, losses, table } from './section.ts';

/** What `npm run bench -- helm-atomic-upgrade speed` leaves. */
export interface HelmSpeedResult {
  rounds: number;
  cpus: number;
  table: readonly {
    major: string;
    scenario: string;
    roundTripMs: number;
    plainMs: number;
    slipwayMs: number;
    plainRequests: number;
    slipwayRequests: number;
  }[];
  samples: readonly { load: number }[];
}

/** What a no-op and an upgrade without pods cost, near to and far from the API server. */
export function helmSpeedMarkdown({ rounds, cpus, table: rows, samples }: HelmSpeedResult): string {
  const loads = samples.map(({ load }) => load);
  const told = rows.map((row) => ({
    what: `${row.scenario}, Helm ${row.major.replace('v', '')}, ${row.roundTripMs} ms away`,
    ours: row.slipwayMs / 1000,
    peer: row.plainMs / 1000,
    peerName: 'helm --atomic',
    unit: 's',
  }));
  return [
    '### Near to and far from the API server',
    'A chart of three objects that nothing changes, and the same with another ConfigMap, through a line with a round trip of 0, 20 and ' +
      `100 ms, in turns; medians of ${rounds} on ${cpus} cores under a load of ${figure(Math.min(...loads))} to ${figure(Math.max(...loads))}. ` +
      'Requests were counted apart from the clock.',
    table(
      ['what', 'helm --atomic', 'Slipway', 'times', 'requests'],
      rows.map((row, index) => [
        told[index]?.what ?? '',
        `${figure(row.plainMs / 1000)} s`,
        `${figure(row.slipwayMs / 1000)} s`,
        (row.slipwayMs / row.plainMs).toFixed(2),
        `${row.plainRequests} and ${row.slipwayRequests}`,
      ]),
    ),
    losses(told),
  ].join('\n\n');
}
