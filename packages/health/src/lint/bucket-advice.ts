import type { LatencyHistogram } from '@slipway/prometheus';
import type { MaxLatency } from '../judge/index.ts';
import { warning, type Advice } from './advice.ts';

/** Limits that the buckets of a histogram cannot decide. */
export function bucketAdvice(
  {
    metric,
    kind,
    bounds,
    perSecond,
  }: Pick<LatencyHistogram, 'metric' | 'kind' | 'bounds' | 'perSecond'>,
  { text, limitSeconds }: MaxLatency,
): readonly Advice[] {
  if (kind === 'native') return [];
  const seconds = bounds
    .map((bound) => (bound === '+Inf' ? Infinity : Number(bound) / perSecond))
    .filter((bound) => !Number.isNaN(bound))
    .sort((a, b) => a - b);
  const low = seconds.findLast((bound) => bound <= limitSeconds + 1e-9);
  const high = seconds.find((bound) => bound >= limitSeconds - 1e-9);
  if (low !== undefined && high !== undefined && high - low < 1e-8) return [];
  const next = `Add a bucket at ${limitSeconds} s to ${metric}, use native histograms, or set max-latency to a bound.`;
  if (high === undefined || high === Infinity)
    return [
      warning(
        'max-latency',
        `${text} lies above the last bucket of ${metric}${low === undefined ? '' : `, ${low} s`}: what takes longer than that cannot be told from what takes too long`,
        next,
      ),
    ];
  return [
    warning(
      'max-latency',
      `${text} lies between two bounds of ${metric}, ${low ?? 0} s and ${high} s: it is undecidable when many requests are as slow as that`,
      next,
    ),
  ];
}
