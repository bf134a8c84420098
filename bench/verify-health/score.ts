import { wilsonInterval } from '../../packages/health/src/index.ts';
import type { ReleaseClass, Setting, Truth } from './release-class.ts';
import type { Said } from './verifiers.ts';

/** What one verifier said of one release of a class. */
export interface Sample {
  class: string;
  truth: Truth;
  clearCut: boolean;
  setting: Setting;
  said: Said;
  /** Whether it named the pod, node or route that fails; undefined where none does. */
  named: boolean | undefined;
}

/** How many of how many, with the 95 % interval of the share. */
export interface Rate {
  of: number;
  count: number;
  interval: readonly [number, number];
}

export function rateOf(count: number, of: number): Rate {
  const [low, high] = wilsonInterval(count, of);
  const round = (share: number): number => Math.round(share * 1e5) / 1e5;
  return { of, count, interval: [round(low), round(high)] };
}

/** How one verifier did on some releases. Times in seconds. */
export interface Score {
  cases: number;
  healthy: Rate;
  unhealthy: Rate;
  undecided: Rate;
  named: Rate | undefined;
  failSeconds: Quantiles | undefined;
  passSeconds: Quantiles | undefined;
  /** Good releases that passed with the first scrapes that cover the soak. */
  passedAtSoak: Rate | undefined;
  queriesPerMinute: number;
}

export interface Quantiles {
  median: number;
  p95: number;
}

function quantiles(seconds: readonly number[]): Quantiles | undefined {
  if (seconds.length === 0) return undefined;
  const sorted = [...seconds].sort((a, b) => a - b);
  const at = (part: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 10) /
    10;
  return { median: at(0.5), p95: at(0.95) };
}

/** A failure share of twice the limit is beyond doubt when this many requests a second are judged. */
export function isClearCut(release: ReleaseClass, setting: Setting): boolean {
  return release.clearCut === true && setting.requestsPerSecond >= (setting.limit < 0.05 ? 20 : 2);
}

/** By when a soak of good scrapes can have been seen: two scrapes, and a look after them. */
export function soakSeenBy({ minSoakSeconds, scrapeSeconds }: Setting): number {
  return Math.max(minSoakSeconds, 2 * scrapeSeconds) + scrapeSeconds + 2;
}

export function scoreOf(samples: readonly Sample[]): Score {
  const of = (verdict: Said['verdict']): Sample[] =>
    samples.filter(({ said }) => said.verdict === verdict);
  const [healthy, unhealthy, undecided] = [of('healthy'), of('unhealthy'), of('undecided')];
  const place = unhealthy.filter(({ named }) => named !== undefined);
  const good = samples.filter(({ truth }) => truth === 'good');
  const minutes = samples.reduce((sum, { said }) => sum + said.seconds, 0) / 60;
  const queries = samples.reduce((sum, { said }) => sum + said.queries, 0);
  const rate = (some: readonly Sample[]): Rate => rateOf(some.length, samples.length);
  return {
    cases: samples.length,
    healthy: rate(healthy),
    unhealthy: rate(unhealthy),
    undecided: rate(undecided),
    named:
      place.length === 0
        ? undefined
        : rateOf(place.filter(({ named }) => named === true).length, place.length),
    failSeconds: quantiles(unhealthy.map(({ said }) => said.seconds)),
    passSeconds: quantiles(healthy.map(({ said }) => said.seconds)),
    passedAtSoak:
      good.length === 0
        ? undefined
        : rateOf(
            good.filter(
              ({ said, setting }) =>
                said.verdict === 'healthy' && said.seconds <= soakSeenBy(setting),
            ).length,
            good.length,
          ),
    queriesPerMinute: Math.round((queries / Math.max(minutes, 1e-9)) * 10) / 10,
  };
}
