import { exactly } from '@slipway/prometheus';
import type { Workload } from '@slipway/kube';

/** By what pods of earlier revisions that are gone are known to Prometheus. */
export type EarlierNames =
  /** Deployments and Argo Rollouts: the names of their replica sets. */
  | { kind: 'sets'; sets: readonly string[] }
  /**
   * Stateful sets and daemon sets, whose pods' names do not tell the revision: a pattern of all of them, and
   * when the current revision was made, by the runner's clock.
   */
  | { kind: 'time'; pattern: string; revisionBeganMs: number };

/** So the controllers end the names that they make. */
const endings: Readonly<Record<string, string>> = {
  statefulset: '[0-9]+',
  daemonset: '[a-z0-9]{5}',
};

/** How to find them; undefined while, or where, there is no way. */
export function earlierNamesOf(
  workload: Pick<Workload, 'ref' | 'earlierSets'> | undefined,
  revisionBeganMs: number | undefined,
): EarlierNames | undefined {
  if (workload?.earlierSets !== undefined) return { kind: 'sets', sets: workload.earlierSets };
  if (workload === undefined || revisionBeganMs === undefined) return undefined;
  const ending = endings[workload.ref.kind];
  if (ending === undefined) return undefined;
  return { kind: 'time', pattern: `${exactly([workload.ref.name])}-${ending}`, revisionBeganMs };
}
