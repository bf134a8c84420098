import { expect, test } from '@jest/globals';
import { predictRemaining, renderProgress, type BuildProgress } from './build-progress.ts';

const compiling = (done: number, elapsedMs: number, total = 2_536): BuildProgress => ({
  phase: 'compiling',
  done,
  total,
  elapsedMs,
});

const noon = new Date(2026, 0, 1, 12, 0, 0).getTime();

test('half the packages in three minutes means three more and the link', () => {
  expect(predictRemaining(compiling(1_268, 180_000))).toBe(195_000);
});

test('the first few packages are too few to predict from', () => {
  expect(predictRemaining(compiling(10, 3_000))).toBeUndefined();
});

test('what the last minute brought tells the pace, not what the start brought beside other work', () => {
  const slowStart = { ...compiling(469, 300_000), recent: { done: 400, ms: 60_000 } };
  expect(predictRemaining(slowStart)).toBe(325_050);
});

test('of a build that goes on after a break only what is left counts', () => {
  expect(predictRemaining(compiling(5, 5_000, 10))).toBe(20_000);
});

test('the line shows a bar, the packages and the predicted end', () => {
  expect(renderProgress(compiling(1_268, 180_000), noon)).toBe(
    '████████████░░░░░░░░░░░░ compiling 1268 of 2536 packages, ready in about 3m 15s (12:03)',
  );
});

test('who waits for another process sees how far that one is', () => {
  expect(renderProgress({ ...compiling(634, 60_000), owner: 4711 }, noon)).toContain(
    '634 of 2536 packages (by process 4711)',
  );
});

test('a download is told in megabytes', () => {
  const half = { phase: 'downloading', done: 150e6, total: 300e6, elapsedMs: 20_000 } as const;
  expect(renderProgress(half, noon)).toContain('150 of 300 MB, ready in about 20s (12:00)');
});
