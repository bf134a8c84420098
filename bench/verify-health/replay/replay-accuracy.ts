import { rateOf, type Rate } from '../score.ts';
import { openMetrics } from './exposed-release.ts';
import { fillPrometheus } from './filled-prometheus.ts';
import { replay, type Replayed } from './replayed-verification.ts';
import { replayCases, type ReplayCase } from './replayed-classes.ts';

/** Verifications at the same time. */
const atOnce = 200;
/** Long enough ago for blocks. */
const agoMs = 24 * 3_600_000;

const said: Readonly<Record<string, 'good' | 'bad'>> = { healthy: 'good', unhealthy: 'bad' };

interface ClassResult {
  name: string;
  truth: string;
  cases: number;
  healthy: number;
  unhealthy: number;
  undecided: number;
  /** Of those that are told right where nothing can be shown. */
  rightCause?: Rate;
  medianSeconds: number;
}

type Outcome = Replayed & { case: ReplayCase };

function classResult(name: string, outcomes: readonly Outcome[]): ClassResult {
  const of = (verdict: string): number =>
    outcomes.filter((outcome) => outcome.verdict === verdict).length;
  const seconds = outcomes.map((outcome) => outcome.seconds).sort((a, b) => a - b);
  const asked = outcomes.filter((outcome) => outcome.case.cause !== undefined);
  const told = asked.filter((outcome) => outcome.case.cause?.test(outcome.cause) === true);
  return {
    name,
    truth: outcomes[0]?.case.truth ?? '',
    cases: outcomes.length,
    ...{ healthy: of('healthy'), unhealthy: of('unhealthy') },
    undecided: outcomes.filter(({ verdict }) => said[verdict] === undefined).length,
    ...(asked.length === 0 ? {} : { rightCause: rateOf(told.length, asked.length) }),
    medianSeconds: seconds[Math.floor(seconds.length / 2)] ?? 0,
  };
}

async function replayAll(
  url: string,
  cases: readonly ReplayCase[],
  beganMs: number,
  progress: (done: number) => void,
): Promise<Outcome[]> {
  const waiting = [...cases];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      outcomes.push({ ...(await replay(url, next.exposed, beganMs)), case: next });
      progress(outcomes.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return outcomes;
}

/**
 * Fills a real Prometheus with releases and verifies them by the action's own reading of metrics and its
 * judge, each by a clock of its own, 200 at once.
 */
export async function measureReplay(
  seed: number,
  progress: (text: string) => void,
): Promise<object> {
  const cases = replayCases(seed);
  const beganMs = Math.floor((Date.now() - agoMs) / 7_200_000) * 7_200_000 + 3_600_000;
  const exposed = cases.map((one) => one.exposed);
  const prometheus = await fillPrometheus(openMetrics(exposed, beganMs / 1000));
  let [megabytes, ofPrometheus] = [0, 0];
  const watch = setInterval(() => {
    megabytes = Math.max(megabytes, Math.round(process.memoryUsage().rss / 1e6));
    ofPrometheus = Math.max(ofPrometheus, prometheus.megabytes());
  }, 500);
  try {
    progress(`Prometheus ${prometheus.version} has ${cases.length} releases`);
    const outcomes = await replayAll(prometheus.url, cases, beganMs, (done) => {
      if (done % 50 === 0) progress(`${done} verified`);
    });
    for (const outcome of outcomes) {
      const { truth, exposed: of, name } = outcome.case;
      const verdict = said[outcome.verdict] ?? 'unproven';
      const isWrong =
        truth === 'unproven' ? verdict !== truth : verdict !== truth && verdict !== 'unproven';
      const isUntold = outcome.case.cause?.test(outcome.cause) === false;
      const { pods, scrapeSeconds } = of.release.setting;
      if (isWrong || isUntold)
        progress(
          `WRONG: ${name}, ${pods} pods, ${scrapeSeconds} s: ${outcome.verdict}: ${outcome.cause}`,
        );
    }
    const names = [...new Set(cases.map(({ name }) => name))];
    const minutes = outcomes.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
    const queries = outcomes.reduce((sum, outcome) => sum + outcome.queries, 0);
    return {
      ...{ seed, atOnce, cases: cases.length, prometheus: prometheus.version },
      megabytes: { verifications: megabytes, prometheus: ofPrometheus },
      queriesPerMinute: Math.round((queries / minutes) * 10) / 10,
      classes: names.map((name) =>
        classResult(
          name,
          outcomes.filter((outcome) => outcome.case.name === name),
        ),
      ),
    };
  } finally {
    clearInterval(watch);
    await prometheus.close();
  }
}
