import type { Finding } from '../../judge/index.ts';
import { shareFinding } from '../metric-findings.ts';
import type { TrafficSeen, TrafficUnit } from './traffic-seen.ts';

/** The name of the check of how long requests of our own took. */
export const trafficLatencyName = 'traffic latency';

type Times = NonNullable<TrafficUnit['times']>;

/** The timed requests as units, those that `slow` counts for failed. */
export function slowUnits(units: readonly TrafficUnit[], slow: (times: Times) => number) {
  return units.flatMap(({ pod, fromMs, atMs, times }) =>
    times === undefined ? [] : [{ pod, fromMs, atMs, total: times.timed, bad: slow(times) }],
  );
}

/**
 * Whether few enough of our own requests were slow, judged as a share by counts. Those that surely were
 * slow must not be too many; those that may have been, since nobody knows how long the way to the pod
 * took, must be few enough. Undefined when it is not asked for, or no pod has answered yet.
 */
export function trafficLatencyFinding(
  { units, pods, answered, maxLatency, unasked }: TrafficSeen,
  time: { nowMs: number; beganMs: number },
): Finding | undefined {
  if (maxLatency === undefined || (answered === 0 && unasked !== undefined)) return undefined;
  const { share, limitSeconds, text } = maxLatency;
  const must = { operator: '<', limit: share, text: `< ${share * 100}%` } as const;
  const of = (slow: (times: Times) => number): Finding => {
    const about = {
      name: trafficLatencyName,
      must,
      missing: undefined,
      warnings: [],
      startHolds: false,
    };
    const { sampledMs: _, ...finding } = shareFinding(
      { ...about, units: slowUnits(units, slow) },
      time,
    );
    return finding;
  };
  const told = (finding: Finding): Finding => ({
    ...finding,
    detail: `${text}: of our own, slower than ${limitSeconds} s were ${finding.detail}`,
  });
  const surely = of(({ slow }) => slow);
  if (surely.state === 'bad') return told(surely);
  const perhaps = of((times) => times.perhaps);
  if (perhaps.state === 'bad')
    return {
      check: trafficLatencyName,
      state: 'open',
      settled: true,
      detail: `${text}: undecidable, the way to the pods takes too long to tell on which side of ${limitSeconds} s their answers lie; at most ${perhaps.detail}`,
      wouldChange: 'a shorter way to the pods, or their own histogram',
      next: 'Give these credentials get and create pods/portforward, through which the way is timed; let pods export a histogram; or allow more time.',
    };
  if (perhaps.state === 'good' && answered < pods)
    return { ...told(perhaps), state: 'open', wouldChange: 'an answer of every new pod' };
  if (perhaps.state !== 'open') return told(perhaps);
  return {
    ...told(perhaps),
    next: 'Raise traffic-rate, take a later deadline, or a lower percentile.',
  };
}
