import type { Finding, Soak } from './verdict.ts';

const neededScrapes = 2;

/**
 * The soak begins when the last of all checks began to hold. A check whose state is settled is not waited
 * for: more time would not make it hold.
 */
export function soakOf(findings: readonly Finding[], nowMs: number): Soak {
  const counted = findings.filter(({ settled, state }) => settled !== true || state === 'good');
  const since = counted.map(({ wellSinceMs }) => wellSinceMs ?? Infinity);
  const beganMs = Math.max(...since);
  if (findings.length === 0 || !Number.isFinite(beganMs))
    return { soakedMs: 0, unsampled: undefined };
  const unsampled = counted.find(
    ({ sampledMs }) =>
      sampledMs !== undefined &&
      sampledMs.filter((ms) => ms >= beganMs && ms <= nowMs).length < neededScrapes,
  );
  return { soakedMs: Math.max(0, nowMs - beganMs), unsampled };
}
