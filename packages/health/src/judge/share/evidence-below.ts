/**
 * Evidence that the share of failures is below a limit, which may be looked at after every request: the
 * mirror of evidenceAbove, with one start. How strongly failures may cluster bounds what can be shown
 * in a short time: that no thick cluster comes once in a hundred scrapes takes hundreds of scrapes. The
 * promise is therefore about failures whose correlation within a slot is at most `mostClustering`.
 */
import { logLikelihood, type LogLikelihood } from './clustered-likelihood.ts';
import type { TimeSlot } from './time-slot.ts';

/** Shares that are hoped for, as parts of the limit, with their weights. */
const hoped = [
  [0.001, 0.3],
  [0.03, 0.2],
  [0.1, 0.2],
  [0.2, 0.1],
  [0.35, 0.1],
  [0.55, 0.1],
] as const;
const hopedClustering = [
  [0, 0.75],
  [0.1, 0.25],
] as const;
const clusterMs = 4_000;

/** The strongest correlation within a slot for which a pass is promised to be right. */
export function mostClustering(limit: number, widthMs: number): number {
  return Math.min(0.3, 2 * limit) * Math.min(1, clusterMs / widthMs);
}

interface BelowTest {
  below: readonly { logWeight: number; of: LogLikelihood }[];
  beyond: readonly LogLikelihood[];
}

const tests = new Map<string, BelowTest>();

function belowTest(limit: number, widthMs: number): BelowTest {
  const most = mostClustering(limit, widthMs);
  const key = `${limit} ${most}`;
  const known = tests.get(key);
  if (known !== undefined) return known;
  const test = {
    below: hoped.flatMap(([part, weight]) =>
      hopedClustering.map(([correlation, chance]) => ({
        logWeight: Math.log(weight * chance),
        of: logLikelihood({ share: limit * part, correlation }),
      })),
    ),
    beyond: [0, 0.1, 0.3, 0.6, 1].map((part) =>
      logLikelihood({ share: limit, correlation: part * most }),
    ),
  };
  if (tests.size > 200) tests.clear();
  tests.set(key, test);
  return test;
}

/** Natural logarithm of the evidence; `more` slots like `extra` are added to those that were seen. */
export function evidenceBelow(
  slots: readonly TimeSlot[],
  limit: number,
  widthMs: number,
  extra?: { total: number; more: number },
): number {
  const { below, beyond } = belowTest(limit, widthMs);
  const sum = (of: LogLikelihood): number =>
    slots.reduce(
      (log, { total, bad }) => log + of(total, bad),
      extra === undefined ? 0 : extra.more * of(extra.total, 0),
    );
  const logs = below.map(({ logWeight, of }) => logWeight + sum(of));
  const top = Math.max(...logs);
  const mixture = top + Math.log(logs.reduce((all, log) => all + Math.exp(log - top), 0));
  return mixture - Math.max(...beyond.map(sum));
}

/** How many more requests without a failure, coming as they did, would show the share to be below. */
export function requestsMissing(
  slots: readonly TimeSlot[],
  limit: number,
  widthMs: number,
  risk: number,
): number {
  const seen = slots.reduce((sum, { total }) => sum + total, 0);
  const total = slots.length === 0 ? 1 : Math.max(1, Math.round(seen / slots.length));
  const enough = (more: number): boolean =>
    evidenceBelow(slots, limit, widthMs, { total, more }) >= -Math.log(risk);
  if (slots.length > 0 && enough(0)) return 0;
  let high = 1;
  while (!enough(high) && high < 1e7) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high * total;
}
