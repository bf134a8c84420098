import type { ShareUnit } from '../../packages/health/src/index.ts';
import { seededRandom, type Random } from './random.ts';
import {
  podsPerNode,
  type FailureShare,
  type ReleaseClass,
  type Setting,
} from './release-class.ts';

/** One release with all that is scraped of it, in the order of the scrapes. Times in milliseconds. */
export interface ScrapedRelease {
  class: ReleaseClass;
  setting: Setting;
  seed: number;
  units: readonly ShareUnit[];
  /** Of old pods, in the same form. */
  control: readonly ShareUnit[];
  /** When pods begin to leave, by name. */
  gone: ReadonlyMap<string, number>;
}

/** The peers take up to eleven minutes. */
const longestSeconds = 660;
const stepSeconds = 0.5;
/** A rollout's pods become ready up to this long before the verification begins. */
const readyBefore = 5;

interface Pod {
  name: string;
  node: string;
  from: number;
  until: number;
}

function podsOf(release: ReleaseClass, setting: Setting, random: Random, seed: number): Pod[] {
  const times = release.times?.(seededRandom(seed), setting);
  return Array.from({ length: times?.length ?? setting.pods }, (_, index) => {
    const time = times?.[index];
    const ready = release.agedSeconds ?? random.between(0, readyBefore);
    return {
      name: `api-${index}`,
      node: `node-${Math.floor(index / podsPerNode)}`,
      from: Math.max(-ready, time?.from ?? -ready),
      until: Math.min(longestSeconds, time?.until ?? longestSeconds),
    };
  });
}

/** Old pods have been there for long, on the same nodes; so much of what they did is read. */
const oldReadSeconds = 90;

function oldPodsOf(release: ReleaseClass, setting: Setting): Pod[] {
  const { old } = release;
  if (old === undefined) return [];
  const count = Math.max(1, Math.round(setting.pods * old.part));
  return Array.from({ length: count }, (_, index) => ({
    name: `old-${index}`,
    node: `node-${Math.floor(index / podsPerNode)}`,
    from: -oldReadSeconds,
    until: Math.min(longestSeconds, old.until),
  }));
}

/** When `pod` is scraped: its first scrape comes within an interval. */
function scrapeTimes(release: ReleaseClass, setting: Setting, pod: Pod, random: Random): number[] {
  const gap = release.gap?.(random);
  const times: number[] = [];
  const first = pod.from + random.between(0, setting.scrapeSeconds);
  for (let second = first; second < pod.until; second += setting.scrapeSeconds)
    if (gap === undefined || second < gap.from || second >= gap.until) times.push(second);
  return times;
}

/** A number of its own for each release, so that no two have their bad moments in common. */
function caseSeed(release: ReleaseClass, setting: Setting, seed: number): number {
  let hash = seed;
  for (const letter of `${release.name} ${JSON.stringify(setting)}`)
    hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return hash;
}

/** What makes the counts of one release. */
interface Counting {
  release: ReleaseClass;
  setting: Setting;
  random: Random;
}

/** What is scraped of `pods`, whose requests fail by `share`. */
function scrapedUnits(
  { release, setting, random }: Counting,
  pods: readonly Pod[],
  share: FailureShare,
): ShareUnit[] {
  const routes = release.routes ?? 1;
  const units: ShareUnit[] = [];
  const perStep = (setting.requestsPerSecond * stepSeconds) / setting.pods / routes;
  pods.forEach((pod, index) => {
    let before = pod.from;
    let second = pod.from;
    for (const at of scrapeTimes(release, setting, pod, random)) {
      const counts = Array.from({ length: routes }, () => ({ total: 0, bad: 0 }));
      while (second < at) {
        const step = Math.min(stepSeconds, at - second);
        const middle = second + step / 2;
        counts.forEach((count, route) => {
          const factor = (release.traffic?.(middle) ?? 1) * (step / stepSeconds);
          const total = random.poisson(perStep * factor);
          count.total += total;
          count.bad += random.binomial(
            total,
            share({ second: middle, age: middle - pod.from, pod: index, route }),
          );
        });
        second += step;
      }
      for (const [route, { total, bad }] of counts.entries())
        units.push({
          pod: pod.name,
          node: pod.node,
          atMs: Math.round(at * 1000),
          fromMs: Math.round(before * 1000),
          total,
          bad,
          ...(routes > 1 ? { route: `/route-${route}` } : {}),
        });
      before = at;
    }
  });
  return units.sort((a, b) => a.atMs - b.atMs);
}

/** Makes the release of `seed`: requests as they come, counted scrape by scrape. */
export function scrapedRelease(
  release: ReleaseClass,
  setting: Setting,
  seed: number,
): ScrapedRelease {
  const own = caseSeed(release, setting, seed);
  const random = seededRandom(own + 1);
  const share = release.failures(seededRandom(own), setting);
  const pods = podsOf(release, setting, random, own);
  const counting = { release, setting, random };
  const units = scrapedUnits(counting, pods, share);
  // The same numbers, so that what is drawn for new and old pods is the same.
  const oldShare = release.old?.failures(seededRandom(own), setting) ?? share;
  const control = scrapedUnits(counting, oldPodsOf(release, setting), oldShare);
  const gone = new Map(
    pods
      .filter(({ until }) => until < longestSeconds)
      .map(({ name, until }) => [name, until * 1000]),
  );
  return { class: release, setting, seed, units, control, gone };
}
