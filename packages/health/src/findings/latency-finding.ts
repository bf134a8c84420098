import type { Finding } from '../judge/index.ts';
import type { LatencyCheck } from './metric-evidence.ts';
import { shareFinding } from './metric-findings.ts';

/**
 * Whether requests of our own are to decide alone: they are timed, and it is settled that the pods have no
 * histogram, or none of users' requests in it.
 */
export function isForTraffic(check: LatencyCheck): boolean {
  const { timedElsewhere, surely, missing, bounds } = check;
  const isEmpty = missing === undefined ? bounds !== undefined : missing.settled;
  return timedElsewhere === true && surely.length === 0 && isEmpty;
}

const seconds = (bound: number): string =>
  Number.isFinite(bound) ? `${Number(bound.toPrecision(4))} s` : 'infinity';

/**
 * Whether few enough requests are slow, judged as a share by the same test: those that certainly were
 * slow must not be too many, and those that may have been must be few enough. Where the limit lies inside
 * a bucket, both can be open for ever, which is said.
 */
export function latencyFinding(
  check: LatencyCheck,
  time: { nowMs: number; beganMs: number },
): Finding {
  const { name, share, limitSeconds, text, missing, warnings, bounds } = check;
  const must = { operator: '<', limit: share, text: `< ${share * 100}%` } as const;
  const of = (units: LatencyCheck['surely'], control: LatencyCheck['surely']): Finding =>
    shareFinding({ name, must, units, missing, warnings, control, startHolds: false }, time);
  const surely = of(check.surely, check.controlSurely);
  const perhaps = of(check.perhaps, check.controlPerhaps);
  const told = (finding: Finding): Finding => ({
    ...finding,
    detail: `${text}: slower than ${seconds(limitSeconds)} were ${finding.detail}`,
  });
  if (missing !== undefined && check.surely.length === 0)
    return {
      ...surely,
      next: 'Let the pods export such a histogram, or set traffic, whose answers are timed.',
    };
  if (surely.state === 'bad') return told(surely);
  if (perhaps.state !== 'bad' || bounds === undefined || bounds[0] === bounds[1])
    return told(perhaps.state === 'bad' ? surely : perhaps);
  const [low, high] = bounds;
  return {
    check: name,
    state: 'open',
    settled: true,
    detail: `${text}: undecidable, no bucket bound between ${seconds(low)} and ${seconds(high)}; slower than ${seconds(low)} were ${perhaps.detail}`,
    wouldChange: `a bucket bound at ${seconds(limitSeconds)}`,
    next: `Add ${limitSeconds} to the histogram’s buckets, use native histograms, or set max-latency to a bound.`,
  };
}
