import { PrometheusError } from '@slipway/prometheus';
import type { PodUnit } from '../../../findings/index.ts';
import type { MetricLook } from '../metric-look.ts';
import type { CountedRequests } from '../counting/request-ledger.ts';
import { controlUnits } from './control-units.ts';

/**
 * Reads what old pods say, again and again: `empty` until they have said something. They are asked only
 * while there are any. When they cannot be read nothing is missing but an excuse: what they said before
 * stands.
 */
export function createControlReader<T>(
  empty: T,
  read: (old: MetricLook) => Promise<T>,
): (look: MetricLook) => Promise<T> {
  let last = empty;
  return async ({ old }) => {
    if (old === undefined) return last;
    try {
      last = await read(old);
    } catch (error) {
      if (!(error instanceof PrometheusError)) throw error;
    }
    return last;
  };
}

/** What old pods counted while they were to stay, by the runner's clock and without telling them apart. */
export function controlOf({ units }: CountedRequests, look: MetricLook): readonly PodUnit[] {
  const { aheadMs, beganMs, scope, leftMs } = look;
  const ours = (ms: number): number => Math.round(ms - aheadMs);
  const served = units
    .map((unit) => ({ ...unit, fromMs: ours(unit.fromMs), atMs: ours(unit.atMs) }))
    .filter(({ pod, atMs }) => atMs <= (leftMs(pod) ?? Infinity));
  return controlUnits(served, { beganMs, intervalMs: scope.intervalMs });
}
