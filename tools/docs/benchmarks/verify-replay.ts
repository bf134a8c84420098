import { figure, table } from './section.ts';

/** What bench/verify-health.ts leaves of its replays. */
export interface ReplayResult {
  atOnce: number;
  cases: number;
  prometheus: string;
  megabytes: { verifications: number; prometheus: number };
  queriesPerMinute: number;
  classes: readonly {
    name: string;
    truth: string;
    cases: number;
    healthy: number;
    unhealthy: number;
    undecided: number;
    rightCause?: { count: number; of: number };
    medianSeconds: number;
  }[];
}

type ReplayedClass = ReplayResult['classes'][number];

function wrongOf({ truth, healthy, unhealthy }: ReplayedClass): number {
  if (truth === 'good') return unhealthy;
  return truth === 'bad' ? healthy : healthy + unhealthy;
}

/** The part of the section on verify-health that tells of releases in a real Prometheus. */
export function replayPart(result: ReplayResult): {
  markdown: string;
  charts: Record<string, string>;
} {
  const { cases, prometheus, atOnce, megabytes, queriesPerMinute, classes } = result;
  const markdown = [
    '### Read from a real Prometheus',
    `${cases} of these releases, with 20 requests a second, scrapes of 2 and 15 s and 1 to 20 pods, were written into Prometheus ${prometheus} and verified by the action’s own reading and judge at the times of their scrapes, ${atOnce} at once: ` +
      `at most ${megabytes.verifications} MB for all verifications with the releases and ${megabytes.prometheus} MB for Prometheus, ${figure(queriesPerMinute)} queries a minute of verification. Wrong verdicts are in bold.`,
    table(
      ['release', 'is', 'cases', 'passed', 'called', 'undecided', 'cause told right', 'median'],
      classes.map((one) => {
        const wrong = wrongOf(one) > 0;
        const shown = (count: number, isWrong: boolean): string =>
          wrong && isWrong && count > 0 ? `**${count}**` : String(count);
        return [
          ...[one.name, one.truth, String(one.cases)],
          shown(one.healthy, one.truth !== 'good'),
          shown(one.unhealthy, one.truth !== 'bad'),
          String(one.undecided),
          one.rightCause === undefined ? '' : `${one.rightCause.count} of ${one.rightCause.of}`,
          `${figure(one.medianSeconds)} s`,
        ];
      }),
    ),
  ];
  return { markdown: markdown.join('\n\n'), charts: {} };
}
