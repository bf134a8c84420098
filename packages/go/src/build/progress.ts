import { formatDuration, type Clock, type Log } from '@slipway/runtime';
import type { BuildUnit } from './plan.ts';

const everyMs = 10_000;

/**
 * Reads the standard error of `go build -v`: import paths of packages as they are begun become a
 * progress line every ten seconds, the rest is kept as the build's output.
 */
export function buildProgress(
  log: Log,
  unit: BuildUnit,
  clock: Clock,
): { line: (line: string) => void; output: () => string } {
  const started = clock.now();
  const kept: string[] = [];
  let begun = 0;
  let loggedMs = started;
  return {
    line: (line) => {
      // An import path has no blank and no colon; everything else that go prints has.
      if (/^[^\s:#][^\s:]*$/.test(line)) begun += 1;
      else if (kept.length < 2_000) kept.push(line);
      const now = clock.now();
      if (now - loggedMs < everyMs) return;
      loggedMs = now;
      log.info(
        `${unit.name}: ${begun} of at most ${unit.packageCount} packages, ${formatDuration(now - started)}`,
      );
    },
    output: () => kept.join('\n'),
  };
}
