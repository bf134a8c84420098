import {
  servingSeries,
  shareSeries,
  slowUnits,
  trafficLatencyName,
  type RolloutEvidence,
  type Series,
  type TrafficSeen,
} from './findings/index.ts';
import { unpackEvidence, type CheckTime, type PackedEvidence } from './observe/index.ts';

/** The evidence of a check as numbers over time; undefined where it has none for this finding. */
type SeriesOf = (evidence: unknown, check: string, time: CheckTime) => Series | undefined;

/** The share of counters that is named so, or the share of requests that were too slow. */
const metricSeries: SeriesOf = (evidence, check) => {
  const asked = unpackEvidence(evidence as PackedEvidence).checks.find(
    ({ name }) => name === check,
  );
  if (asked?.kind === 'share') return shareSeries(asked);
  if (asked?.kind !== 'latency') return undefined;
  const name = `${check}: share of slower requests`;
  return shareSeries({ name, must: { limit: asked.share }, units: asked.surely });
};

const trafficSeries: SeriesOf = (evidence, check) => {
  const { units, limit, maxLatency } = evidence as TrafficSeen;
  if (check === trafficLatencyName && maxLatency !== undefined)
    return shareSeries({
      name: `${check}: share of slower requests`,
      must: { limit: maxLatency.share },
      units: slowUnits(units, ({ slow }) => slow),
    });
  if (check !== 'traffic') return undefined;
  return shareSeries({ name: 'share of failed requests of our own', must: { limit }, units });
};

const seriesOf: Readonly<Record<string, SeriesOf>> = {
  rollout: (evidence, _, time) => servingSeries(evidence as RolloutEvidence, time.nowMs),
  traffic: trafficSeries,
  metrics: metricSeries,
};

/**
 * The numbers over time that show best why the verdict is what it is: those of the check that decided,
 * else how many pods served.
 */
export function decidingSeries(
  evidence: readonly { check: string; evidence: unknown }[],
  deciding: string | undefined,
  time: CheckTime,
): Series | undefined {
  const found = evidence.toReversed().map((one) => {
    const series = seriesOf[one.check]?.(one.evidence, deciding ?? '', time);
    return series !== undefined && series.points.length > 1 ? series : undefined;
  });
  return found.find((series) => series !== undefined);
}
