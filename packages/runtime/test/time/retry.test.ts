import { describe, expect, test } from '@jest/globals';
import { fakeClock } from '@slipway/testing';
import { retry, type RetryOptions } from '../../src/index.ts';

class Busy extends Error {
  readonly waitMs: number | undefined;
  constructor(waitMs?: number) {
    super('busy');
    this.waitMs = waitMs;
  }
}

/** Work that fails in turn with each of `errors` and then succeeds, and what came of it. */
async function tried(errors: readonly Error[], options: Partial<RetryOptions> = {}) {
  const clock = fakeClock(0);
  const startsMs: number[] = [];
  const ended = await retry(
    (attempt) => {
      startsMs.push(clock.now());
      const error = errors[attempt - 1];
      return error === undefined ? Promise.resolve('done') : Promise.reject(error);
    },
    {
      ...{ clock, attempts: 4, random: () => 1 },
      transient: (error) => error instanceof Busy,
      askedMs: (error) => (error as Busy).waitMs,
      ...options,
    },
  ).catch((error: unknown) => error);
  return { ended, startsMs };
}

describe('retry', () => {
  test('waits twice as long each time', async () => {
    const { ended, startsMs } = await tried([new Busy(), new Busy(), new Busy()]);
    expect([ended, startsMs]).toEqual(['done', [0, 500, 1_500, 3_500]]);
  });

  test('takes up to half from a wait, so that many jobs do not come at once', async () => {
    expect((await tried([new Busy()], { random: () => 0 })).startsMs).toEqual([0, 250]);
  });

  test('never waits longer than the longest wait', async () => {
    const errors = [new Busy(), new Busy(), new Busy()];
    const { startsMs } = await tried(errors, { maxDelayMs: 700 });
    expect(startsMs).toEqual([0, 500, 1_200, 1_900]);
  });

  test('waits exactly as long as it was asked to', async () => {
    const { startsMs } = await tried([new Busy(7_000)], { random: () => 0 });
    expect(startsMs).toEqual([0, 7_000]);
  });

  test('gives up at once when it is asked to wait for too long', async () => {
    const busy = new Busy(3_600_000);
    expect(await tried([busy])).toEqual({ ended: busy, startsMs: [0] });
  });

  test('throws what the last attempt threw', async () => {
    const errors = [new Busy(), new Busy(), new Busy()];
    const { ended, startsMs } = await tried(errors, { attempts: 3 });
    expect([ended === errors[2], startsMs.length]).toEqual([true, 3]);
  });

  test('does not repeat what does not mend itself', async () => {
    const error = new Error('no such name; please try again');
    expect(await tried([error])).toEqual({ ended: error, startsMs: [0] });
  });

  test('begins no attempt after its deadline', async () => {
    const { startsMs } = await tried([new Busy(), new Busy()], { deadlineMs: 1_500 });
    expect(startsMs).toEqual([0, 500]);
  });

  test('tells of each coming attempt, and waits for what that does', async () => {
    const told: unknown[] = [];
    const busy = new Busy();
    await tried([busy], {
      onRetry: async (coming) => {
        await Promise.resolve();
        told.push(coming);
      },
    });
    expect(told).toEqual([{ error: busy, attempt: 2, waitMs: 500 }]);
  });

  test('ends with the reason of an abort, whatever the work threw', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const ended = retry(
      () => {
        controller.abort(reason);
        return Promise.reject(new Busy());
      },
      { clock: fakeClock(), attempts: 4, transient: () => true, signal: controller.signal },
    );
    await expect(ended).rejects.toBe(reason);
  });
});
