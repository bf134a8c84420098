import { rolloutTruth, type RolloutTruth } from '../src/index.ts';
import { beganMs, stateAfter, type Seen, type Shape } from './recorded.ts';

export const at = (second: number): number => beganMs + second * 1_000;

export function truthAfter(...seen: [second: number, seen: Seen][]): RolloutTruth {
  const truth = rolloutTruth(stateAfter(...seen), at(60));
  if (truth === undefined) throw new Error('The workload of the recording is not there.');
  return truth;
}

/** A pod that looks so from second to second. */
export const pod = (...shapes: Shape[]): [number, Seen][] =>
  shapes.map((shape, second) => [second + 1, { pod: shape }]);

export const crashed = { reason: 'Error', exitCode: 3 };
export const killed = { reason: 'Error', exitCode: 137 };
export const oom = { reason: 'OOMKilled', exitCode: 137 };
export const disrupted = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'EvictionByEvictionAPI',
};
