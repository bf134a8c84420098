/**
 * Sequential tests for a share, such as that of failed requests.
 *
 * Whether a share is above a limit is asked again and again while requests come in. A fixed-size test
 * or interval asked repeatedly is wrong more and more often; these tests may be asked after every
 * request. For a suspected share p, each request multiplies the evidence by
 *
 *     p / limit               when it failed,
 *     (1 - p) / (1 - limit)   when it did not.
 *
 * As long as the true share is at or below the limit (and p above it), the expectation of that factor
 * is at most 1, so the product is a nonnegative supermartingale, as is any average of such products
 * over several p. By Ville's inequality it ever reaches 1/alpha with a probability of at most alpha.
 * For shares below the limit the same holds the other way round. Only the order within one scrape is
 * unknown, and the product does not depend on it.
 *
 * Sources: Ville 1939; Wald, Sequential Analysis, 1947; Robbins, "Statistical methods related to the
 * law of the iterated logarithm", 1970; Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform,
 * nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49 (2021).
 */

/** Requests between two looks, of one pod: how many there were and how many of them failed. */
export interface ShareUnit {
  total: number;
  bad: number;
}

/** How sure a decision is. Each is the probability of ever deciding so wrongly. */
export interface ShareRisk {
  /** Of calling a share above the limit that is not. */
  above: number;
  /** Of calling a share below the limit that is not. */
  below: number;
}

export const usualRisk: ShareRisk = { above: 1 / 200, below: 1 / 20 };

const suspected = [0.005, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 0.95] as const;
const spared = [0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.85] as const;
/** Starts of the test for late onsets; more are of no use, since their weight falls with the square. */
const maxStarts = 120;

function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  if (!Number.isFinite(top)) return top;
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

function logMixture(shares: readonly number[], limit: number, total: number, bad: number): number {
  const logs = shares.map(
    (share) =>
      bad * Math.log(share / limit) +
      (total - bad) * Math.log1p(-share) -
      (total - bad) * Math.log1p(-limit),
  );
  return logSumExp(logs) - Math.log(shares.length);
}

const above = (limit: number): number[] => suspected.map((part) => limit + part * (1 - limit));
const below = (limit: number): number[] => spared.map((part) => part * limit);

/**
 * Natural logarithm of the evidence that the share has been above `limit` at some time. The test is
 * begun anew at every unit, the k-th time with weight 1/(k(k+1)) (the weights add up to less than 1, so
 * the mixture keeps the guarantee): a release that turns bad late is not excused by a good start.
 */
export function evidenceAbove(units: readonly ShareUnit[], limit: number): number {
  const shares = above(limit);
  const starts: number[] = [];
  let total = 0;
  let bad = 0;
  for (let index = units.length - 1; index >= 0; index -= 1) {
    total += units[index]?.total ?? 0;
    bad += units[index]?.bad ?? 0;
    if (index < maxStarts)
      starts.push(logMixture(shares, limit, total, bad) - Math.log((index + 1) * (index + 2)));
  }
  return starts.length === 0 ? 0 : logSumExp(starts);
}

/** Natural logarithm of the evidence that the share of all requests so far is below `limit`. */
export function evidenceBelow(total: number, bad: number, limit: number): number {
  return logMixture(below(limit), limit, total, bad);
}

/** How many more requests without a failure would show the share to be below the limit. */
export function requestsMissing(
  total: number,
  bad: number,
  limit: number,
  risk = usualRisk,
): number {
  const enough = (more: number): boolean =>
    evidenceBelow(total + more, bad, limit) >= -Math.log(risk.below);
  if (enough(0)) return 0;
  let high = 1;
  while (!enough(high) && high < 1e9) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** What the requests so far say about their share. */
export interface ShareDecision {
  total: number;
  bad: number;
  decision: 'above' | 'below' | 'open';
  /** The 95 % interval of the share, for people; the decision does not rest on it. */
  interval: readonly [low: number, high: number];
  /** Further requests without a failure that would make it `below`. */
  missing: number;
}

/**
 * Decides whether the share is above or below `limit` (between 0 and 1). What one scrape of one pod saw
 * never makes it `above` alone: failures cluster, and a burst shorter than a scrape is one event.
 */
export function decideShare(
  units: readonly ShareUnit[],
  limit: number,
  risk: ShareRisk = usualRisk,
): ShareDecision {
  const seen = units.filter(({ total }) => total > 0);
  const total = seen.reduce((sum, unit) => sum + unit.total, 0);
  const bad = seen.reduce((sum, unit) => sum + Math.min(unit.bad, unit.total), 0);
  const failing = seen.filter((unit) => unit.bad > 0).length;
  const isAbove = failing >= 2 && evidenceAbove(seen, limit) >= -Math.log(risk.above);
  const isBelow = total > 0 && evidenceBelow(total, bad, limit) >= -Math.log(risk.below);
  const settled = isBelow ? 'below' : 'open';
  const decision = isAbove ? 'above' : settled;
  return {
    total,
    bad,
    decision,
    interval: wilsonInterval(bad, total),
    missing: decision === 'open' ? requestsMissing(total, bad, limit, risk) : 0,
  };
}

/**
 * Wilson's score interval of a share at 95 %: sensible also for few requests and for no failure, where
 * the usual normal interval is empty (E. B. Wilson, JASA 22, 1927).
 */
export function wilsonInterval(bad: number, total: number, z = 1.96): readonly [number, number] {
  if (total <= 0) return [0, 1];
  const share = bad / total;
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const middle = share + (z * z) / (2 * total);
  const scale = 1 + (z * z) / total;
  return [Math.max(0, (middle - spread) / scale), Math.min(1, (middle + spread) / scale)];
}
