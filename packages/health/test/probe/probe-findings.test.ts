import { describe, expect, test } from '@jest/globals';
import { probeFinding } from '../../src/findings/probe-findings.ts';
import {
  condensed,
  excuse,
  newProbeRecord,
  recordProbe,
  type ProbeOutcome,
  type ProbeRecord,
} from '../../src/findings/probe-record.ts';

const ok: ProbeOutcome = { kind: 'well', durationMs: 5 };
const failure = (why: string, doubt?: 'question' | 'way'): ProbeOutcome => ({
  kind: 'failed',
  why,
  durationMs: 5,
  ...(doubt === undefined ? {} : { doubt }),
});
const unavailable = failure('status 503');
const unknown = failure('status 404', 'question');
const silence = failure('no answer within 5 s');
const refused = failure('connection refused', 'way');
const barred: ProbeOutcome = { kind: 'unasked', why: 'i/o timeout', settled: false };

/** A pod that was asked once a second, from second 1 on. */
const asked = (pod: string, ...outcomes: ProbeOutcome[]): ProbeRecord =>
  outcomes.reduce(
    (record, outcome, at) => recordProbe(record, outcome, (at + 1) * 1_000),
    newProbeRecord(pod),
  );
const finding = (records: readonly ProbeRecord[], pods = records.length) =>
  probeFinding({ check: 'probe /readyz', records, pods }, 500);

describe('a probe', () => {
  test.each<[string, ProbeOutcome[], string]>([
    ['that was not made yet is open', [], 'open'],
    ['with success is good', [ok], 'good'],
    ['with one failure among successes is good again', [ok, unavailable, ok], 'good'],
    ['with a failure last is open', [ok, unavailable], 'open'],
    ['with two failures in a row is bad', [ok, unavailable, unavailable], 'bad'],
    ['with two failures in a row from the first on is bad', [unavailable, unavailable], 'bad'],
    ['with silence twice is bad', [ok, silence, silence], 'bad'],
    ['with three failures in all is bad', [silence, ok, silence, ok, silence, ok], 'bad'],
    ['that no pod knows is blind', [unknown, unknown], 'blind'],
    ['that was there and is gone is bad', [ok, unknown, unknown], 'bad'],
    ['that never got through is blind', [refused, refused], 'blind'],
    ['that got through and no longer does is bad', [ok, refused, refused], 'bad'],
    ['that cannot be made is blind', [barred], 'blind'],
  ])('%s', (_, outcomes, state) => {
    expect(finding([asked('api-1', ...outcomes)]).state).toBe(state);
  });

  test('is open while one pod has not answered', () => {
    expect(finding([asked('a', ok)], 2)).toMatchObject({
      state: 'open',
      detail: expect.stringContaining('1 of 2 pods answered last'),
    });
  });

  test('is bad when one pod alone does not know the path that the others answer', () => {
    expect(finding([asked('a', ok), asked('b', unknown, unknown)])).toMatchObject({
      state: 'bad',
      detail: expect.stringContaining('pod/b'),
    });
  });

  test('is blind when one pod alone cannot be reached, and names it', () => {
    expect(finding([asked('a', ok), asked('b', refused, refused)])).toMatchObject({
      state: 'blind',
      detail: expect.stringContaining('pod/b, which the kubelet holds ready, never answered us'),
    });
  });

  test('is bad for a sick pod, whatever cannot be seen of another', () => {
    const records = [asked('a', refused, refused), asked('b', ok, unavailable, unavailable)];
    expect(finding(records)).toMatchObject({
      state: 'bad',
      detail: expect.stringContaining('pod/b'),
    });
  });

  test('has held since the last pod began to answer, and begins anew after a failure', () => {
    expect(finding([asked('a', ok, ok), asked('b', unavailable, ok, ok)]).wellSinceMs).toBe(2_000);
    expect(finding([asked('a', ok, ok, unavailable, ok)]).wellSinceMs).toBe(4_000);
    expect(finding([asked('a', ok, unavailable)]).wellSinceMs).toBeUndefined();
  });

  test('that cannot be seen holds up no soak', () => {
    expect(finding([asked('a', barred)])).toMatchObject({ state: 'blind', wellSinceMs: 500 });
  });

  test('forgets what failed while the kubelet did not hold the pod ready', () => {
    const record = excuse(asked('a', ok, unavailable, unavailable));
    expect(finding([record])).toMatchObject({ state: 'open' });
    expect(finding([recordProbe(record, ok, 9_000)])).toMatchObject({
      state: 'good',
      wellSinceMs: 9_000,
    });
    // It had answered before, so that a refusal is no doubt about the way.
    expect(
      [refused, refused].reduce((known, one) => recordProbe(known, one, 1), record).everWell,
    ).toBe(true);
  });

  test('says the same of many pods in few records', () => {
    const many = Array.from({ length: 300 }, (_, at) => asked(`p${at}`, ok, ok));
    const all = [...many.slice(0, 150), asked('slow', ok, unavailable, ok), ...many.slice(150)];
    const few = condensed(all, 60);
    expect(few).toHaveLength(2);
    expect(finding(few, 301)).toEqual(finding(all, 301));
  });
});
