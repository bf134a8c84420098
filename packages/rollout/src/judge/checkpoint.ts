import type { Observation, PodRecord } from '../history/index.ts';
import { observe, unseenRollout, type RolloutState, type Trouble } from './rollout-state.ts';

/** A state as plain JSON, from which a recording can be gone on with when its beginning is left out. */
export type Checkpoint = Omit<RolloutState, 'pods' | 'troubles'> & {
  pods: readonly (readonly [uid: string, record: PodRecord])[];
  troubles: readonly (readonly [key: string, trouble: Trouble])[];
};

/** `state` as plain JSON. */
export function checkpointOf({ pods, troubles, ...state }: RolloutState): Checkpoint {
  return { ...state, pods: [...pods], troubles: [...troubles] };
}

function stateAt({ pods, troubles, ...state }: Checkpoint): RolloutState {
  return { ...state, pods: new Map(pods), troubles: new Map(troubles) };
}

/** The state that a recording comes to, which begins at `checkpoint` or at nothing. */
export function foldRecording(
  recording: readonly Observation[],
  checkpoint?: Checkpoint,
): RolloutState {
  return recording.reduce(observe, checkpoint === undefined ? unseenRollout : stateAt(checkpoint));
}
