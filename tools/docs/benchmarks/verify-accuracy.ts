import { barChart } from './bar-chart.ts';
import { figure, image, losses, table, type Comparison } from './section.ts';

/** How many of how many, with the 95 % interval of the share. */
interface Rate {
  of: number;
  count: number;
  interval: readonly [number, number];
}

interface Quantiles {
  median: number;
  p95: number;
}

interface Score {
  cases: number;
  healthy: Rate;
  unhealthy: Rate;
  undecided: Rate;
  named?: Rate;
  failSeconds?: Quantiles;
  passSeconds?: Quantiles;
  passedAtSoak?: Rate;
  queriesPerMinute: number;
}

/** What bench/verify-health.ts leaves of its accuracy. */
export interface AccuracyResult {
  seeds: { count: number };
  scores: readonly {
    verifier: string;
    good: Score;
    goodWithTraffic: Score;
    bad: Score;
    clearCut: Score;
    unproven: Score;
    classes: readonly ({ name: string; truth: string } & Score)[];
  }[];
  speeds: Readonly<Record<string, Score>>;
}

const own = 'verify-health';
const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;

/** `3 of 4000, 0.025 % to 0.22 %`. */
function rate({ count, of, interval: [low, high] }: Rate): string {
  return `${count} of ${of} (${percent(low)} to ${percent(high)})`;
}

const seconds = (quantiles: Quantiles | undefined): string =>
  quantiles === undefined ? '' : `${figure(quantiles.median)} s, ${figure(quantiles.p95)} s`;

function charts({ scores }: AccuracyResult): Record<string, string> {
  const share = (of: Rate): number => (100 * of.count) / Math.max(1, of.of);
  const wrong = barChart({
    title: 'Wrong verdicts',
    unit: '% of cases',
    categories: ['bad ones that passed', 'clear-cut bad ones that passed', 'good ones called bad'],
    series: scores.map(({ verifier, good, bad, clearCut }) => ({
      name: verifier,
      ours: verifier === own,
      values: [share(bad.healthy), share(clearCut.healthy), share(good.unhealthy)],
    })),
  });
  const times = barChart({
    title: 'Until the verdict, medians',
    unit: 's',
    categories: ['a clear-cut bad release is called', 'a good release passes'],
    series: scores.map(({ verifier, good, clearCut }) => ({
      name: verifier,
      ours: verifier === own,
      values: [clearCut.failSeconds?.median, good.passSeconds?.median],
    })),
  });
  return { 'verify-accuracy.svg': wrong, 'verify-times.svg': times };
}

function overall({ scores }: AccuracyResult): string {
  return table(
    [
      'rule',
      'bad passed',
      'clear-cut bad passed',
      'clear-cut bad called',
      'good called bad',
      'good undecided',
      'until called (median, 95 %)',
      'until passed',
      'queries a minute',
    ],
    scores.map(({ verifier, good, bad, clearCut }) => [
      verifier,
      rate(bad.healthy),
      rate(clearCut.healthy),
      rate(clearCut.unhealthy),
      rate(good.unhealthy),
      rate(good.undecided),
      seconds(clearCut.failSeconds),
      seconds(good.passSeconds),
      figure(good.queriesPerMinute),
    ]),
  );
}

/** What a class should be: the wrong answer is counted of each verifier. */
function byClass({ scores }: AccuracyResult): string {
  const mine = scores.find(({ verifier }) => verifier === own);
  const wrong = ({ truth, healthy, unhealthy }: { truth: string } & Score): number => {
    if (truth === 'good') return unhealthy.count;
    return truth === 'bad' ? healthy.count : healthy.count + unhealthy.count;
  };
  return table(
    [
      'release',
      'is',
      'cases',
      'passed',
      'called',
      'undecided',
      'named',
      'wrong',
      ...scores.flatMap(({ verifier }) => (verifier === own ? [] : [`wrong: ${verifier}`])),
    ],
    (mine?.classes ?? []).map((score) => [
      score.name,
      score.truth,
      String(score.cases),
      String(score.healthy.count),
      String(score.unhealthy.count),
      String(score.undecided.count),
      score.named === undefined ? '' : `${score.named.count} of ${score.named.of}`,
      wrong(score) === 0 ? '0' : `**${wrong(score)}**`,
      ...scores.flatMap(({ verifier, classes }) => {
        const same = classes.find(({ name }) => name === score.name);
        return verifier === own || same === undefined ? [] : [String(wrong(same))];
      }),
    ]),
  );
}

/** Of each class the peer that does best. */
function comparisons({ scores }: AccuracyResult): Comparison[] {
  const mine = scores.find(({ verifier }) => verifier === own);
  const peers = scores.filter(({ verifier }) => verifier !== own);
  return (mine?.classes ?? []).flatMap((score) => {
    if (score.truth === 'unproven') return [];
    const right = score.truth === 'good' ? 'healthy' : 'unhealthy';
    const missed = ({ cases, [right]: rated }: Score): number => cases - rated.count;
    const [best] = peers
      .flatMap(({ verifier, classes }) => {
        const same = classes.find(({ name }) => name === score.name);
        return same === undefined ? [] : [{ peerName: verifier, peer: missed(same) }];
      })
      .sort((a, b) => a.peer - b.peer);
    if (best === undefined) return [];
    return {
      what: `${score.name}: cases not ${score.truth === 'good' ? 'passed' : 'called'}`,
      ours: missed(score),
      peer: best.peer,
      peerName: best.peerName,
      unit: '',
    };
  });
}

/** The part of the section on verify-health that tells how often its rule is right. */
export function accuracyPart(result: AccuracyResult): {
  markdown: string;
  charts: Record<string, string>;
} {
  const { scores, seeds, speeds } = result;
  const mine = scores.find(({ verifier }) => verifier === own);
  const cases = (mine?.classes ?? []).reduce((sum, score) => sum + score.cases, 0);
  const soak = mine?.goodWithTraffic.passedAtSoak;
  const fast = Object.entries(speeds).map(([name, { failSeconds, passSeconds, cases: of }]) => [
    name,
    failSeconds === undefined ? 'passes' : 'is called',
    seconds(failSeconds ?? passSeconds),
    String(of),
  ]);
  const markdown = [
    '### How often the rule on failed requests is right',
    `${cases} releases made by a generator that knows the truth: ${mine?.classes.length ?? 0} classes, each with 0.3 to 200 requests a second, scrapes of 2 to 60 s, 1 to 50 pods and ${seeds.count} seeds. ` +
      'The rule was tuned on even seeds; these are odd ones. Limit 10 % (1 % where it says so), a soak of 30 s, 300 s at most. ' +
      'The other rules are emulators, written from the documentation of Flagger and Argo Rollouts with their default or documented settings; the programs themselves did not run. ' +
      'In classes that name old pods, these serve beside the new ones: verify-health has them as its control group, the other rules as set up here do not look at them. ' +
      'Clear-cut is a share of at least twice the limit, of at least 2 requests a second (20 at 1 %). Brackets are 95 % intervals (Wilson).',
    image('Wrong verdicts', 'verify-accuracy.svg'),
    image('Seconds until the verdict', 'verify-times.svg'),
    overall(result),
    ...(soak === undefined
      ? []
      : [
          `Plain good releases of at least 2 requests a second that pass with the first scrapes that cover the soak: ${rate(soak)}.`,
        ]),
    'With 20 requests a second, scraped every 2 s, looked at every 2 s and more often in the first half minute of failures, from the begin of the verification:',
    table(['release', 'verdict', 'after (median, 95 %)', 'cases'], fast),
    'By class, for verify-health, with the wrong verdicts of all; where it loses, beside the rule that does best there:',
    byClass(result),
    losses(comparisons(result)),
  ];
  return { markdown: markdown.join('\n\n'), charts: charts(result) };
}
