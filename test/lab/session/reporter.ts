import { formatDuration } from '@slipway/runtime';

/** Who hears how far a long command is. */
export interface Reporter {
  /** Runs `body` as one named stage and tells how long it took. `update` may be called often. */
  stage<T>(name: string, body: (update: (text: string) => void) => Promise<T>): Promise<T>;
  line(text: string): void;
}

/**
 * One line per finished stage that took at least `minMs`, and every `everyMs` the latest news of one
 * that still runs.
 */
export function lineReporter(
  write: (text: string) => void,
  { minMs = 0, everyMs = 10_000 }: { minMs?: number; everyMs?: number } = {},
): Reporter {
  return {
    line: (text) => write(`${text}\n`),
    stage: async (name, body) => {
      const started = performance.now();
      let told = started;
      const result = await body((text) => {
        if (performance.now() - told < everyMs) return;
        told = performance.now();
        write(`  … ${name}: ${text}\n`);
      });
      const took = Math.round(performance.now() - started);
      if (took >= minMs) write(`  ✓ ${name} (${formatDuration(took)})\n`);
      return result;
    },
  };
}

/** Says nothing. */
export const silentReporter: Reporter = {
  line: () => undefined,
  stage: (_name, body) => body(() => undefined),
};
