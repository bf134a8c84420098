import { badClasses, unprovenClasses } from './bad-classes.ts';
import { goodClasses } from './good-classes.ts';
import { argoRollouts, flagger, sleepAndQuery } from './peers.ts';
import type { ReleaseClass, Setting } from './release-class.ts';
import { isClearCut, scoreOf, type Sample, type Score } from './score.ts';
import { scrapedRelease, type ScrapedRelease } from './scraped-release.ts';
import { verifyHealth, type Said, type Verifier } from './verifiers.ts';

export const verifiers: Readonly<Record<string, Verifier>> = {
  'verify-health': verifyHealth,
  'Flagger’s rule, threshold 5': flagger(5),
  'Flagger’s rule, threshold 1': flagger(1),
  'Argo Rollouts’ rule': argoRollouts,
  'sleep 60, one query': sleepAndQuery,
};

export const classes: readonly ReleaseClass[] = [...goodClasses, ...badClasses, ...unprovenClasses];

const grid = {
  requestsPerSecond: [0.3, 2, 20, 200],
  scrapeSeconds: [2, 15, 30, 60],
  pods: [1, 3, 20, 50],
};

/** All circumstances in which `release` means what its name says. */
export function settingsOf(release: ReleaseClass): Setting[] {
  return grid.requestsPerSecond
    .flatMap((requestsPerSecond) =>
      grid.scrapeSeconds.flatMap((scrapeSeconds) =>
        grid.pods.map((pods) => ({
          ...{ requestsPerSecond, scrapeSeconds, pods },
          limit: release.limit ?? 0.1,
          minSoakSeconds: 30,
          deadlineSeconds: 300,
        })),
      ),
    )
    .filter((setting) => release.fits?.(setting) ?? true);
}

export function sampleOf(
  { class: release, setting }: Pick<ScrapedRelease, 'class' | 'setting'>,
  said: Said,
): Sample {
  return {
    class: release.name,
    truth: release.truth,
    clearCut: isClearCut(release, setting),
    setting,
    said,
    named: release.place === undefined ? undefined : release.place === said.where,
  };
}

/** The scores of one verifier: over all, over what is clear-cut or has traffic, and by class. */
export interface VerifierScores {
  verifier: string;
  good: Score;
  /** Good releases of at least 2 requests a second whose share is far from the limit. */
  goodWithTraffic: Score;
  bad: Score;
  clearCut: Score;
  unproven: Score;
  classes: readonly ({ name: string; truth: string } & Score)[];
}

/** Good releases that should pass as soon as their soak has been seen. */
const plain = new Set([
  'no failures',
  'steady 0.1 %',
  'steady 0.1 %, pods long there',
  'traffic that triples',
]);

export function scoresOf(verifier: string, samples: readonly Sample[]): VerifierScores {
  const score = (which: (sample: Sample) => boolean): Score => scoreOf(samples.filter(which));
  const names = [...new Set(samples.map((sample) => sample.class))];
  return {
    verifier,
    good: score(({ truth }) => truth === 'good'),
    goodWithTraffic: score(
      (sample) => plain.has(sample.class) && sample.setting.requestsPerSecond >= 2,
    ),
    bad: score(({ truth }) => truth === 'bad'),
    clearCut: score(({ clearCut }) => clearCut),
    unproven: score(({ truth }) => truth === 'unproven'),
    classes: names.map((name) => ({
      name,
      truth: samples.find((sample) => sample.class === name)?.truth ?? '',
      ...score((sample) => sample.class === name),
    })),
  };
}

/** What is asked for in so many words. */
const timedClasses = [
  '20 % fail',
  '20 % fail, pods long there',
  '20 % fail, old pods serve well',
  'limit 1 %, 5 % fail',
  'steady 0.1 %',
];

/** How fast verify-health is with 20 requests a second, scraped every 2 s; a median takes many cases. */
export function measureSpeeds(seeds: readonly number[]): Readonly<Record<string, Score>> {
  const timed = classes.filter(({ name }) => timedClasses.includes(name));
  return Object.fromEntries(
    timed.map((release) => {
      const settings = settingsOf(release).filter(
        ({ requestsPerSecond, scrapeSeconds }) => requestsPerSecond === 20 && scrapeSeconds === 2,
      );
      const samples = settings.flatMap((setting) =>
        seeds.map((seed) => {
          const scraped = scrapedRelease(release, setting, seed);
          return sampleOf(scraped, verifyHealth(scraped));
        }),
      );
      return [release.name, scoreOf(samples)];
    }),
  );
}

/** Runs every verifier on every release of `seeds`; tells `progress` after each class. */
export function measureAccuracy(
  seeds: readonly number[],
  progress: (text: string) => void,
): ReadonlyMap<string, readonly Sample[]> {
  const samples = new Map<string, Sample[]>(Object.keys(verifiers).map((name) => [name, []]));
  for (const release of classes) {
    const began = performance.now();
    let count = 0;
    for (const setting of settingsOf(release))
      for (const seed of seeds) {
        const scraped = scrapedRelease(release, setting, seed);
        count += 1;
        for (const [name, verify] of Object.entries(verifiers))
          samples.get(name)?.push(sampleOf(scraped, verify(scraped)));
      }
    const seconds = Math.round((performance.now() - began) / 1000);
    const own = scoreOf((samples.get('verify-health') ?? []).slice(-count));
    const { healthy, unhealthy, undecided } = own;
    progress(
      `${release.truth} | ${release.name} | ${healthy.count} healthy, ${unhealthy.count} unhealthy, ${undecided.count} undecided of ${count} | ${seconds} s`,
    );
  }
  return samples;
}
