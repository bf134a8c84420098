/** Longer pauses between two results were something else than making them. */
const longestStepMs = 20_000;

/**
 * How long making things took that were done at these times (milliseconds since 1970): the sum of the steps from
 * each to the next. What came before the first is not known, so it is rather too little than too much.
 */
export function spentMs(timesMs: readonly number[]): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  let sum = 0;
  sorted.forEach((timeMs, index) => {
    sum += Math.min(timeMs - (sorted[index - 1] ?? timeMs), longestStepMs);
  });
  return sum;
}
