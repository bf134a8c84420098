/** Answers to a request that may be answered otherwise in a moment. */
const passing: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether an answer of this status says that the same request may be answered otherwise in a moment. */
export function isPassingStatus(status: number): boolean {
  return passing.has(status);
}
