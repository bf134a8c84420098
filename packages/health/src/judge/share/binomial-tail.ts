/** Terms smaller than this part of the sum no longer change it. */
const negligible = 1e-17;

/**
 * How likely `bad` or more of `total` requests fail when each fails on its own with the probability `share`, exactly, as
 * a natural logarithm. Where `bad` is not above what is expected it says 0, an upper bound: that needs no sum.
 */
export function logBinomialTail(
  { total, bad }: { total: number; bad: number },
  share: number,
): number {
  if (bad <= share * total) return 0;
  const good = total - bad;
  let first = bad * Math.log(share) + good * Math.log1p(-share);
  const few = Math.min(bad, good);
  for (let index = 1; index <= few; index += 1) first += Math.log((total - few + index) / index);
  // Above what is expected each term is smaller than the one before.
  let sum = 1;
  let term = 1;
  for (let failed = bad; failed < total && term > sum * negligible; failed += 1) {
    term *= ((total - failed) / (failed + 1)) * (share / (1 - share));
    sum += term;
  }
  return Math.min(0, first + Math.log(sum));
}
