import type { PrometheusClient } from '@slipway/prometheus';
import type { PodRecord } from '@slipway/rollout';
import type { EarlierNames } from './earlier-names.ts';
import { findGonePods, findReplacedPods } from './gone-pods.ts';

/** Where pods are looked for; `beganMs`, when the verification began, is of the runner's clock. */
export interface RecallScope {
  namespace: string;
  /** A matcher of the namespace, and the label of pods' names. */
  within: string;
  label: string;
  beganMs: number;
  /** How far Prometheus's clock is ahead of the runner's. */
  aheadMs: number;
}

/** Pods of earlier revisions that were gone when the verification began. Throws PrometheusError. */
export async function recallGonePods(
  client: PrometheusClient,
  names: EarlierNames,
  { beganMs, aheadMs, ...where }: RecallScope,
): Promise<readonly PodRecord[]> {
  const scope = { ...where, atMs: beganMs + aheadMs };
  if (names.kind === 'sets') return await findGonePods(client, { ...scope, sets: names.sets });
  const { pattern } = names;
  const revisionBeganMs = names.revisionBeganMs + aheadMs;
  return await findReplacedPods(client, { ...scope, pattern, revisionBeganMs, aheadMs });
}
