import { figure, table } from './section.ts';

interface Measured {
  cpus: number;
  samples: readonly { load: number }[];
}

/** What `npm run bench -- helm-atomic-upgrade slow` leaves. */
export interface SlowResult extends Measured {
  rounds: number;
  width: number;
  table: readonly {
    rollout: string;
    slipwayAborts: number;
    of: number;
    plainAborts: number;
    plainOf: number;
  }[];
}

/** What `npm run bench -- helm-atomic-upgrade rollbacks` leaves. */
export interface RollbacksResult extends Measured {
  watchedMs: number;
  table: readonly {
    rollback: string;
    plainFalse: number;
    slipwayFalse: number;
    plainBack: number;
    slipwayBack: number;
    of: number;
  }[];
}

/** What `npm run bench -- helm-atomic-upgrade kills` leaves. */
export interface KillsResult extends Measured {
  table: readonly {
    major: string;
    way: string;
    nextOk: number;
    of: number;
    slowestNextMs: number;
  }[];
}

function where({ cpus, samples }: Measured): string {
  const loads = samples.map(({ load }) => load);
  return `${cpus} cores under a load of ${figure(Math.min(...loads))} to ${figure(Math.max(...loads))}`;
}

const share = (part: number, of: number): string => `${part} of ${of}`;

/** Rollouts that take their time and come to an end: who gives them up. */
export function slowMarkdown(result: SlowResult): string {
  return [
    '### Slow, and fine',
    `Rollouts that plain Helm waits for and completes, both majors, ${result.width} at the same time on ${where(result)}: how many were ` +
      'given up with `fail-fast: normal`, and by `helm --atomic` with the same timeout of 4 minutes.',
    table(
      ['rollout', 'given up by Slipway', 'by helm --atomic'],
      result.table.map((row) => [
        row.rollout,
        share(row.slipwayAborts, row.of),
        share(row.plainAborts, row.plainOf),
      ]),
    ),
  ].join('\n\n');
}

/** Upgrades that fail: what is said of the rollback, and what is so. */
export function rollbacksMarkdown(result: RollbacksResult): string {
  return [
    '### Rollbacks that do not bring everything back',
    `Upgrades that fail, both majors, on ${where(result)}. Whether all is as before is looked at by somebody else for ` +
      `${figure(result.watchedMs / 1000)} s after: pods, their template and restarts, and endpoints. Helm claims a rollback by "has been rolled back", Slipway by ` +
      '`proof: proven`.',
    table(
      [
        'what fails',
        'as before, helm --atomic',
        'as before, Slipway',
        'claimed and not so, helm',
        'Slipway',
      ],
      result.table.map((row) => [
        row.rollback,
        share(row.plainBack, row.of),
        share(row.slipwayBack, row.of),
        share(row.plainFalse, row.of),
        share(row.slipwayFalse, row.of),
      ]),
    ),
  ].join('\n\n');
}

/** Runners that are lost in the middle: whether the next run needs a hand. */
export function killsMarkdown(result: KillsResult): string {
  return [
    '### Lost in the middle',
    `An upgrade is killed with its Helm (a lost runner), or cancelled as the runner does it, at instants spread over it, on ${where(result)}; then the next ` +
      'one runs, with nothing done in between.',
    table(
      ['how', 'next run succeeds', 'slowest next run'],
      result.table.map((row) => [
        `${row.way}, Helm ${row.major.replace('v', '')}`,
        share(row.nextOk, row.of),
        `${figure(row.slowestNextMs / 1000)} s`,
      ]),
    ),
  ].join('\n\n');
}
