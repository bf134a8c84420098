import { barChart } from './bar-chart.ts';
import { figure, image, losses, table, type Section } from './section.ts';
import { accuracyPart, type AccuracyResult } from './verify-accuracy.ts';
import { replayPart, type ReplayResult } from './verify-replay.ts';

/** What bench/verify-health.ts leaves: a part for each way in which it was run. */
export interface VerifyResult {
  live?: LiveResult;
  accuracy?: AccuracyResult;
  replay?: ReplayResult;
}

interface LiveResult {
  machine: { cores: number; load: number };
  atOnce: number;
  budgetSeconds: number;
  summary: readonly {
    verifier: string;
    right: number;
    of: number;
    unsafePasses: number;
    falseAlarms: number;
  }[];
  samples: readonly {
    release: string;
    truth: string;
    verifier: string;
    said: string;
    seconds: number;
  }[];
}

const own = 'verify-health';
const words: Readonly<Record<string, string>> = {
  good: 'passes',
  bad: 'fails',
  unproven: 'cannot tell',
};
const worded = (said: string): string => words[said] ?? said;

/** The section on verify-health. */
export function verifySection({ live, accuracy, replay }: VerifyResult): Section {
  const parts = [
    ...(live === undefined ? [] : [livePart(live)]),
    ...(accuracy === undefined ? [] : [accuracyPart(accuracy)]),
    ...(replay === undefined ? [] : [replayPart(replay)]),
  ];
  return {
    markdown: parts.map(({ markdown }) => markdown).join('\n\n'),
    charts: Object.assign({}, ...parts.map(({ charts }) => charts)) as Section['charts'],
  };
}

/** Releases in the lab, verified by the action and by what people use instead. */
function livePart(result: LiveResult): Section {
  const { summary, samples, machine, atOnce, budgetSeconds } = result;
  const releases = [...new Map(samples.map(({ release, truth }) => [release, truth]))];
  const verifiers = summary.map(({ verifier }) => verifier);
  const of = (release: string, verifier: string) =>
    samples.find((one) => one.release === release && one.verifier === verifier);
  const chart = barChart({
    title: 'How many of the releases were judged right',
    unit: `of ${releases.length}`,
    categories: ['right', 'passed what was bad or unproven', 'failed what was good or unproven'],
    series: summary.map(({ verifier, right, unsafePasses, falseAlarms }) => ({
      name: verifier,
      ours: verifier === own,
      values: [right, unsafePasses, falseAlarms],
    })),
  });
  const times = barChart({
    title: 'Until the verdict',
    unit: 's',
    categories: releases.map(([release]) => release),
    series: verifiers.map((verifier) => ({
      name: verifier,
      ours: verifier === own,
      values: releases.map(([release]) => of(release, verifier)?.seconds),
    })),
  });
  const markdown = [
    `${releases.length} releases whose state is known because we made it so, or of whose pods some were drained, deleted or scaled in once their soak had begun, verified three ways at the same time, ${budgetSeconds} s at most, on ${machine.cores} cores ` +
      `(load ${figure(machine.load)}, ${atOnce} releases at once). "Cannot tell" is right where nothing can be shown. What is wrong is in bold.`,
    image('How many releases were judged right', 'verify-right.svg'),
    image('Seconds until the verdict', 'verify-seconds.svg'),
    table(
      ['release', 'right is', ...verifiers],
      releases.map(([release, truth]) => [
        release,
        worded(truth),
        ...verifiers.map((verifier) => {
          const sample = of(release, verifier);
          if (sample === undefined) return '';
          const said = worded(sample.said);
          return `${sample.said === truth ? said : `**${said}**`}, ${figure(sample.seconds)} s`;
        }),
      ]),
    ),
    losses(
      samples
        .filter(({ verifier }) => verifier !== own)
        .flatMap(({ release, verifier, seconds, said, truth }) => {
          const mine = of(release, own);
          // A wrong answer is not a faster one.
          if (mine === undefined || said !== truth) return [];
          return {
            what: `${release}: seconds until the verdict`,
            ours: mine.seconds,
            peer: seconds,
            peerName: verifier,
            unit: 's',
          };
        }),
    ),
  ];
  return {
    markdown: markdown.join('\n\n'),
    charts: { 'verify-right.svg': chart, 'verify-seconds.svg': times },
  };
}
