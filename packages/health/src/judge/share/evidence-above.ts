/**
 * Evidence that the share of failures is above a limit, which may be looked at after every request.
 *
 * For each slot of time as a start, the requests since then are weighed: how likely they are when the
 * share is above the limit (an average over several shares and clusterings), against how likely they
 * are at best when it is not (the greatest over several clusterings, which is how the variance between
 * slots is estimated). Divided by the greatest, the quotient is at most a supermartingale under each
 * of them, and so is the average over the starts, whose weights add up to 1. By Ville's inequality it
 * ever reaches 1/risk with a probability of at most `risk`.
 *
 * What that promises, and of whom: a release whose requests fail each on its own with a share up to
 * the limit; or in clusters within slots, however strong, with a share up to `clusteredPart` of it.
 * Between that part and the limit clustered failures may be called more often. Where a slot excuses
 * failures, its own limit is higher by as much, and the promise is the same with these limits: no share
 * has to be the same in two slots.
 *
 * Sources: Ville, Étude critique de la notion de collectif, 1939; Wasserman, Ramdas and Balakrishnan,
 * "Universal inference", PNAS 117 (2020); Shin, Ramdas and Rinaldo, "E-detectors", NEJSDS 2 (2024).
 */
import { logLikelihood, type LogLikelihood } from './clustered-likelihood.ts';
import type { TimeSlot } from './time-slot.ts';

/** Failures in clusters are promised not to be called up to this part of the limit. */
export const clusteredPart = 2 / 3;

/** Suspected shares, as parts of the way from the limit to 1, with their weights. */
const suspected = [
  [0.01, 0.03],
  [0.04, 0.17],
  [0.1, 0.38],
  [0.2, 0.15],
  [0.4, 0.09],
  [0.7, 0.06],
  [0.95, 0.12],
] as const;
const suspectedClustering = [
  [0.003, 0.8],
  [0.15, 0.1],
  [0.5, 0.1],
] as const;
const allowedClustering = [0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 0.85] as const;
/** Clusters last seconds: in a slot longer than this, only part of the requests can be of one. */
const clusterMs = 4_000;

/** The likelihoods that are compared, those above the limit first. */
interface AboveTest {
  logWeights: readonly number[];
  likelihoods: readonly LogLikelihood[];
  /** What counts gave, since small ones come again and again. */
  known: Map<string, Float64Array>;
}

const tests = new Map<string, AboveTest>();
const mostTests = 100;
const mostKnown = 5_000;

function aboveTest(limit: number, widthMs: number): AboveTest {
  const most = 0.85 * Math.min(1, clusterMs / widthMs);
  const key = `${limit} ${most}`;
  const known = tests.get(key);
  if (known !== undefined) return known;
  const above = suspected.flatMap(([part, weight]) =>
    suspectedClustering.map(([correlation, chance]) => ({
      logWeight: Math.log(weight * chance),
      share: limit + part * (1 - limit),
      correlation: Math.min(correlation, most),
    })),
  );
  const within = [...allowedClustering.filter((allowed) => allowed < most), most].map(
    (correlation) => ({
      share: limit * (correlation < 0.02 ? (1 + clusteredPart) / 2 : clusteredPart),
      correlation,
    }),
  );
  const test: AboveTest = {
    logWeights: above.map(({ logWeight }) => logWeight),
    likelihoods: [...above, { share: limit, correlation: 0 }, ...within].map(logLikelihood),
    known: new Map(),
  };
  if (tests.size >= mostTests) tests.clear();
  tests.set(key, test);
  return test;
}

/** Limits of slots are rounded up to one of few, so that likelihoods are worked out once. */
const levelStep = 1.15;
/** A slot of which as much is allowed says nothing. */
const mostAllowed = 0.9;

/** The test of a slot's own limit; undefined when whatever happened in it is allowed. */
function testOf(
  { total, excused }: TimeSlot,
  limit: number,
  widthMs: number,
): AboveTest | undefined {
  const times = 1 + excused / (limit * total);
  // No more than a rounding error above a level is that level.
  const level = Math.ceil(Math.log(times) / Math.log(levelStep) - 1e-9);
  const allowed = level <= 0 ? limit : limit * levelStep ** level;
  if (level > 0 && allowed >= mostAllowed) return undefined;
  return aboveTest(allowed, widthMs);
}

function likelihoodsOf(test: AboveTest, { total, bad }: TimeSlot): Float64Array {
  const key = `${total} ${bad}`;
  const known = test.known.get(key);
  if (known !== undefined) return known;
  const values = Float64Array.from(test.likelihoods, (of) => of(total, bad));
  if (test.known.size >= mostKnown) test.known.clear();
  test.known.set(key, values);
  return values;
}

/** The quotient: the average above the limit by the greatest within it. */
function quotient(sums: Float64Array, logWeights: readonly number[]): number {
  let top = Number.NEGATIVE_INFINITY;
  let within = Number.NEGATIVE_INFINITY;
  for (const [which, sum] of sums.entries()) {
    const logWeight = logWeights[which];
    if (logWeight === undefined) within = Math.max(within, sum);
    else top = Math.max(top, sum + logWeight);
  }
  let average = 0;
  for (const [which, logWeight] of logWeights.entries())
    average += Math.exp((sums[which] ?? 0) + logWeight - top);
  return top + Math.log(average) - within;
}

/** The first start has three quarters of the weight; those after it share the rest, falling. */
const logStartWeight = (index: number): number =>
  index === 0 ? Math.log(0.75) : Math.log(0.25) - Math.log(index * (index + 1));

const logAdd = (a: number, b: number): number =>
  a === Number.NEGATIVE_INFINITY && b === a
    ? a
    : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

/** What the slots say against the release. */
export interface AboveEvidence {
  /** Natural logarithm of the evidence, over all starts. */
  log: number;
  /** That of the best start alone: what a suspicion rests on, not a proof. */
  suspicion: number;
  /** Requests since the start that says most. */
  since: TimeSlot;
}

/**
 * Weighs `slots`, oldest first, or undefined when no stretch of them is above the limit and what they
 * excuse.
 */
export function evidenceAbove(
  slots: readonly TimeSlot[],
  limit: number,
  widthMs: number,
): AboveEvidence | undefined {
  const { logWeights, likelihoods } = aboveTest(limit, widthMs);
  const sums = new Float64Array(likelihoods.length);
  const atMs = slots.at(-1)?.atMs ?? 0;
  const since: TimeSlot = { fromMs: 0, atMs, total: 0, bad: 0, excused: 0 };
  let log = Number.NEGATIVE_INFINITY;
  let suspicion = Number.NEGATIVE_INFINITY;
  let best = Number.NEGATIVE_INFINITY;
  let found: TimeSlot | undefined;
  for (let index = slots.length - 1; index >= 0; index -= 1) {
    const slot = slots[index];
    if (slot === undefined) continue;
    since.total += slot.total;
    since.bad += slot.bad;
    since.excused += slot.excused;
    const test = testOf(slot, limit, widthMs);
    if (test === undefined) continue;
    const values = likelihoodsOf(test, slot);
    for (let which = 0; which < sums.length; which += 1)
      sums[which] = (sums[which] ?? 0) + (values[which] ?? 0);
    // A start at a slot without failures says less than the one after it; the first has most weight.
    if (slot.bad === 0 && index > 0) continue;
    // Whatever the clustering, a share within the limit says nothing against the release.
    if (since.bad <= limit * since.total + since.excused) continue;
    const alone = quotient(sums, logWeights);
    const weighed = alone + logStartWeight(index);
    suspicion = Math.max(suspicion, alone);
    log = logAdd(log, weighed);
    if (weighed <= best) continue;
    best = weighed;
    found = { ...since, fromMs: slot.fromMs };
  }
  return found === undefined ? undefined : { log, suspicion, since: found };
}
