import { describe, expect, test } from '@jest/globals';
import { checkpointOf, foldRecording, observe, rolloutTruth, unseenRollout } from '../src/index.ts';
import { recorded } from './recorded.ts';
import { at, crashed } from './truth-of.ts';

describe('a recording', () => {
  const recording = recorded(
    [0, { workload: {} }],
    [2, { pod: {} }],
    [5, { pod: { ready: true } }],
    [9, { pod: { ready: true, restarts: 1, ended: crashed } }],
    [12, { pod: { deleted: true, restarts: 1, ended: crashed } }],
    [14, { pod: { deleted: true }, change: 'DELETED' }],
  );

  test('gives the same state when it was kept as JSON and is played again', () => {
    const again = JSON.parse(JSON.stringify(recording)) as typeof recording;
    expect(again.reduce(observe, unseenRollout)).toEqual(recording.reduce(observe, unseenRollout));
  });

  test('leaves a state that can be kept as JSON and says the same afterwards', () => {
    const state = [...recording, ...recorded([20, { pod: { uid: '2', ready: true } }])].reduce(
      observe,
      unseenRollout,
    );
    const kept = JSON.parse(JSON.stringify(checkpointOf(state))) as ReturnType<typeof checkpointOf>;
    expect(rolloutTruth(foldRecording([], kept), at(60))).toEqual(rolloutTruth(state, at(60)));
  });

  test('is not changed, and neither is an earlier state, by what comes later', () => {
    const early = recording.slice(0, 3).reduce(observe, unseenRollout);
    const copy = structuredClone(early);
    recording.slice(3).reduce(observe, early);
    expect(early).toEqual(copy);
  });

  test('of a workload that is not there has no truth', () => {
    const state = recorded([0, { workload: undefined }]).reduce(observe, unseenRollout);
    expect(rolloutTruth(state, at(1))).toBeUndefined();
  });
});
