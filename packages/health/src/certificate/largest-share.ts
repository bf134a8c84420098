/**
 * The most that each may have of `whole`, when those who need less leave theirs to the others. All that
 * each needs when there is enough; below 0 when there is less than nothing.
 */
export function largestShare(needs: readonly number[], whole: number): number {
  const ascending = [...needs].sort((a, b) => a - b);
  let left = whole;
  for (const [at, need] of ascending.entries()) {
    const share = left / (ascending.length - at);
    if (need > share) return Math.floor(share);
    left -= need;
  }
  return whole;
}
