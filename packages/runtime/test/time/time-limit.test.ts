import { describe, expect, test } from '@jest/globals';
import { steppedClock } from '@slipway/testing';
import { quietLimit, timeLimit } from '../../src/index.ts';

test('a time limit aborts with a TimeoutError when its time has passed, and not before', async () => {
  const clock = steppedClock();
  const limit = timeLimit(clock, 1_000);
  await clock.advance(999);
  expect(limit.aborted).toBe(false);
  await clock.advance(1);
  expect((limit.reason as Error).name).toBe('TimeoutError');
});

test('a time limit passes on the abort of the signals that it was given', () => {
  const controller = new AbortController();
  const limit = timeLimit(steppedClock(), 1_000, undefined, controller.signal);
  controller.abort(new Error('cancelled'));
  expect((limit.reason as Error).message).toBe('cancelled');
});

describe('a limit on silence', () => {
  test('aborts once nothing was heard for its time', async () => {
    const clock = steppedClock();
    const limit = quietLimit(clock, 1_000);
    for (let round = 0; round < 5; round += 1) {
      await clock.advance(900);
      limit.heard();
    }
    expect(limit.signal.aborted).toBe(false);
    await clock.advance(1_000);
    expect((limit.signal.reason as Error).name).toBe('TimeoutError');
  });

  test('aborts no more once it is over, but passes on a cancellation', async () => {
    const [clock, controller] = [steppedClock(), new AbortController()];
    const limit = quietLimit(clock, 1_000, controller.signal);
    limit.end();
    await clock.advance(5_000);
    expect([limit.signal.aborted, clock.waiting()]).toEqual([false, 0]);
    controller.abort(new Error('cancelled'));
    expect((limit.signal.reason as Error).message).toBe('cancelled');
  });
});
