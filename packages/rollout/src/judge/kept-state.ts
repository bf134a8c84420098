import { isDeepStrictEqual } from 'node:util';
import type { KubeEvent, Pod, Workload } from '@slipway/kube';
import { slimPod, type PodRecord } from '../history/index.ts';
import type { RolloutState, Trouble } from './rollout-state.ts';
import type { Steadiness } from './steadiness.ts';

type Spec = NonNullable<Pod['spec']>;

/** A rollout's state as plain JSON, of a size that grows with its pods and not with time. */
export interface KeptState {
  workload: Workload | undefined;
  /** Pods of one revision have the same spec, but for their node. */
  specs: readonly Omit<Spec, 'nodeName'>[];
  pods: readonly (Omit<PodRecord, 'pod'> & {
    pod: Omit<Pod, 'spec'>;
    spec: number | undefined;
    nodeName: string | undefined;
  })[];
  events: readonly KubeEvent[];
  troubles: readonly (readonly [key: string, Trouble])[];
  steadiness: Steadiness;
}

/** The state in a form that can be written down. */
export function keepState({
  workload,
  pods,
  events,
  troubles,
  steadiness,
}: RolloutState): KeptState {
  const specs: Omit<Spec, 'nodeName'>[] = [];
  const indexOf = (spec: Omit<Spec, 'nodeName'>): number => {
    const known = specs.findIndex((other) => isDeepStrictEqual(other, spec));
    return known < 0 ? specs.push(spec) - 1 : known;
  };
  const kept = [...pods.values()].map(({ pod: live, ...record }) => {
    const { spec, ...pod } = slimPod(live);
    const { nodeName, ...common } = spec ?? { containers: [] };
    return { ...record, pod, nodeName, spec: spec === undefined ? undefined : indexOf(common) };
  });
  return { workload, specs, pods: kept, events, troubles: [...troubles], steadiness };
}

/** The state that was kept: it gives the same truth at every time. */
export function restoreState(kept: KeptState): RolloutState {
  const pods = kept.pods.map(({ pod, spec: index, nodeName, ...record }): [string, PodRecord] => {
    const common = index === undefined ? undefined : kept.specs[index];
    const spec = common === undefined ? {} : { spec: { ...common, ...named(nodeName) } };
    return [pod.metadata?.uid ?? '', { ...record, pod: { ...pod, ...spec } }];
  });
  const { workload, events, troubles, steadiness } = kept;
  return { workload, pods: new Map(pods), events, troubles: new Map(troubles), steadiness };
}

const named = (nodeName: string | undefined): { nodeName?: string } =>
  nodeName === undefined ? {} : { nodeName };
