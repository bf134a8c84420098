/**
 * How likely counts of failed requests are when failures come in clusters.
 *
 * Within one slot of time the share of failures is itself a draw from a beta distribution with mean
 * `share` and variance `correlation * share * (1 - share)`; `correlation` is that between two requests
 * of the slot, 0 when each fails on its own. The count is then beta-binomial (Skellam, JRSS B 10, 1948;
 * Williams, Biometrics 31, 1975). The binomial coefficient is left out, since only ratios are used; a
 * ratio does not depend on the order of requests within the slot.
 */
export interface Clustering {
  share: number;
  correlation: number;
}

/** Beyond this many requests a sum of logarithms is no better than Stirling's series. */
const tabled = 4096;
const tables = new Map<number, Float64Array>();
const mostTables = 4000;

/** Sums of ln(a + i) for i below each index. */
function risingTable(a: number): Float64Array {
  const known = tables.get(a);
  if (known !== undefined) return known;
  const table = new Float64Array(tabled + 1);
  for (let i = 0; i < tabled; i += 1) table[i + 1] = (table[i] ?? 0) + Math.log(a + i);
  if (tables.size >= mostTables) tables.clear();
  tables.set(a, table);
  return table;
}

/** ln Γ(z) up to a constant, for large z. */
const stirling = (z: number): number => (z - 0.5) * Math.log(z) - z + 1 / (12 * z);

/** ln of a(a+1)…(a+n-1). */
function logRising(a: number, table: Float64Array, n: number): number {
  if (n <= tabled) return table[n] ?? 0;
  return (table[tabled] ?? 0) + stirling(a + n) - stirling(a + tabled);
}

/** Natural logarithm of the likelihood of `bad` failures among `total` requests of one slot. */
export type LogLikelihood = (total: number, bad: number) => number;

/** The likelihood under `clustering`. */
export function logLikelihood({ share, correlation }: Clustering): LogLikelihood {
  if (correlation <= 0) {
    const failed = Math.log(share);
    const served = Math.log1p(-share);
    return (total, bad) => bad * failed + (total - bad) * served;
  }
  const size = 1 / correlation - 1;
  const [a, b] = [share * size, (1 - share) * size];
  const [ofBad, ofGood, ofAll] = [risingTable(a), risingTable(b), risingTable(size)];
  return (total, bad) =>
    logRising(a, ofBad, bad) + logRising(b, ofGood, total - bad) - logRising(size, ofAll, total);
}
