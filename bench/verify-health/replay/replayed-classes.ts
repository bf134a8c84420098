import { classes } from '../accuracy.ts';
import { goodClasses } from '../good-classes.ts';
import { badClasses } from '../bad-classes.ts';
import type { ReleaseClass, Setting, Truth } from '../release-class.ts';
import { scrapedRelease, type ScrapedRelease } from '../scraped-release.ts';
import type { ExposedRelease, Exposure } from './exposed-release.ts';

/** A release to replay, and what must be said of it. */
export interface ReplayCase {
  name: string;
  truth: Truth;
  /** What the cause must tell where nothing can be shown. */
  cause?: RegExp;
  exposed: ExposedRelease;
}

/** The same with names of pods that no other release has, as in a real cluster. */
function named(release: ScrapedRelease, prefix: string): ScrapedRelease {
  const name = (pod: string): string => `${prefix}-${pod}`;
  return {
    ...release,
    units: release.units.map((unit) => ({ ...unit, pod: name(unit.pod) })),
    control: release.control.map((unit) => ({ ...unit, pod: name(unit.pod) })),
    gone: new Map([...release.gone].map(([pod, ms]) => [name(pod), ms])),
  };
}

const grid = { requestsPerSecond: [20], scrapeSeconds: [2, 15], pods: [1, 3, 20] };

function settings(release: ReleaseClass, scrapes: readonly number[]): Setting[] {
  return grid.requestsPerSecond
    .flatMap((requestsPerSecond) =>
      scrapes.flatMap((scrapeSeconds) =>
        grid.pods.map((pods) => ({
          ...{ requestsPerSecond, scrapeSeconds, pods, limit: release.limit ?? 0.1 },
          ...{ minSoakSeconds: 30, deadlineSeconds: 300 },
        })),
      ),
    )
    .filter((setting) => release.fits?.(setting) ?? true);
}

/** Ways in which Prometheus knows a release, with the classes that are known so. */
const exposures: readonly { exposure: Exposure; truth?: 'unproven'; cause?: RegExp }[] = [
  { exposure: 'four jobs scrape each pod' },
  { exposure: 'two Prometheis write the same' },
  { exposure: 'a pod restarts its counters' },
  { exposure: 'metrics port closed', truth: 'unproven', cause: /cannot scrape/ },
  { exposure: 'label renamed', truth: 'unproven', cause: /counter of requests|no label/ },
  { exposure: 'target not discovered', truth: 'unproven', cause: /does not know|no scrape target/ },
];

const one = (all: readonly ReleaseClass[], name: string): ReleaseClass[] =>
  all.filter((release) => release.name === name);

/** What a cause must tell of classes of which nothing can be shown. */
const causes: Readonly<Record<string, RegExp>> = {
  'no traffic': /no requests/,
  'database fails 30 % for good, hits old and new': /not blamed on the release/,
  'database fails 30 % for good, old pods go': /not blamed on the release|too few to tell/,
  'exactly the limit': /too few to tell|may be above/,
};

/** All cases: every class as it is, and two of them through each way of being known. */
export function replayCases(seed: number): ReplayCase[] {
  const plain = classes.flatMap((release) =>
    settings(release, grid.scrapeSeconds).map((setting) => ({
      name: release.name,
      truth: release.truth,
      ...(causes[release.name] === undefined ? {} : { cause: causes[release.name] }),
      release,
      setting,
      exposure: 'plain' as const,
    })),
  );
  const known = [...one(goodClasses, 'steady 0.1 %'), ...one(badClasses, '20 % fail')];
  const exposed = exposures.flatMap(({ exposure, truth, cause }) =>
    known.flatMap((release) =>
      settings(release, [2, 15]).map((setting) => ({
        name: truth === undefined ? `${release.name}; ${exposure}` : exposure,
        truth: truth ?? release.truth,
        ...(cause === undefined ? {} : { cause }),
        ...{ release, setting, exposure },
      })),
    ),
  );
  return [...plain, ...exposed].map(({ release, setting, exposure, ...of }, index) => ({
    ...of,
    exposed: {
      namespace: `case-${index}`,
      exposure,
      release: named(scrapedRelease(release, setting, seed), `case-${index}`),
    },
  }));
}
