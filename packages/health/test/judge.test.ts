import { describe, expect, test } from '@jest/globals';
import { judge } from '../src/judge/judge.ts';
import type { Finding, FindingState, Progress } from '../src/judge/verdict.ts';

const finding = (state: FindingState, more: Partial<Finding> = {}): Finding => ({
  check: state,
  state,
  detail: `it is ${state}`,
  ...more,
});
const time = (elapsedMs: number, soakedMs: number): Progress => ({
  elapsedMs,
  soakedMs,
  minSoakMs: 30_000,
  deadlineMs: 120_000,
  unsampled: undefined,
});
const soaked = time(40_000, 30_000);
const early = time(10_000, 5_000);
const over = time(120_000, 60_000);

describe('the verdict', () => {
  test.each<[string, Finding[], Progress, string | undefined]>([
    ['good throughout the soak is healthy', [finding('good'), finding('good')], soaked, 'healthy'],
    ['good but too short is not decided', [finding('good')], early, undefined],
    ['nothing looked at is never healthy', [], soaked, undefined],
    ['nothing looked at by the deadline is not enough evidence', [], over, 'not-enough-evidence'],
    [
      'one bad finding is unhealthy at once',
      [finding('good'), finding('blind'), finding('bad')],
      early,
      'unhealthy',
    ],
    ['one open finding keeps it open', [finding('good'), finding('open')], soaked, undefined],
    ['one blind finding keeps it open', [finding('good'), finding('blind')], soaked, undefined],
    [
      'open at the deadline is not enough evidence',
      [finding('good'), finding('open')],
      over,
      'not-enough-evidence',
    ],
    [
      'blind at the deadline is cannot observe, open or not',
      [finding('open'), finding('blind')],
      over,
      'cannot-observe',
    ],
    [
      'good at the deadline without its soak is not enough evidence',
      [finding('good')],
      time(120_000, 9_000),
      'not-enough-evidence',
    ],
    [
      'a settled blindness is not waited for after the soak',
      [finding('blind', { settled: true })],
      soaked,
      'cannot-observe',
    ],
    [
      'but it is during the soak, in case worse comes',
      [finding('blind', { settled: true })],
      early,
      undefined,
    ],
    [
      'a settled openness is not waited for after the soak',
      [finding('open', { settled: true })],
      soaked,
      'not-enough-evidence',
    ],
    [
      'a final finding ends it at once',
      [finding('blind', { final: true })],
      early,
      'cannot-observe',
    ],
    [
      'a final openness is not enough evidence',
      [finding('open', { final: true })],
      early,
      'not-enough-evidence',
    ],
    ['a final goodness is healthy', [finding('good', { final: true })], early, 'healthy'],
    [
      'but not beside anything that is not good',
      [finding('good', { final: true }), finding('open')],
      early,
      undefined,
    ],
  ])('%s', (_, findings, progress, verdict) => {
    expect(judge(findings, progress)?.verdict).toBe(verdict);
  });

  test('names what it rests on and what would have changed it', () => {
    const bad = finding('bad', { check: 'pods', wouldChange: 'no restart', next: 'Look.' });
    expect(judge([finding('good'), bad], early)).toMatchObject({
      cause: 'pods: it is bad',
      wouldChange: 'no restart',
      next: 'Look.',
    });
  });

  test('is healthy for no mixture that holds anything but good findings', () => {
    const states = ['good', 'bad', 'open', 'blind'] as const;
    for (const a of states)
      for (const b of states)
        for (const c of states)
          for (const settled of [true, false])
            for (const progress of [early, soaked, over]) {
              const findings = [a, b, c].map((state) => finding(state, { settled }));
              const healthy = judge(findings, progress)?.verdict === 'healthy';
              const allGood = [a, b, c].every((state) => state === 'good');
              expect(healthy).toBe(allGood && progress.soakedMs >= progress.minSoakMs);
            }
  });
});
