/** A link of limited speed that all connections of one direction share. */
export interface Link {
  /** Waits until `bytes` may pass. */
  pass(bytes: number): Promise<void>;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A link of `bytesPerSecond`; without a number nothing waits. */
export function createLink(bytesPerSecond: number | undefined): Link {
  if (bytesPerSecond === undefined) return { pass: () => Promise.resolve() };
  let freeAtMs = 0;
  return {
    pass: async (bytes) => {
      const nowMs = performance.now();
      freeAtMs = Math.max(freeAtMs, nowMs) + (bytes / bytesPerSecond) * 1000;
      // Timers are coarse: short waits add up until they are worth one.
      if (freeAtMs - nowMs > 4) await wait(freeAtMs - nowMs);
    },
  };
}
