import { describe, expect, test } from '@jest/globals';
import { steppedClock } from '@slipway/testing';
import { spentMs, waitPatiently, type Progress } from '../src/worth/index.ts';

describe('waiting', () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  /** Waits for what does not end, while `progressAt` tells how far it is after so many seconds. */
  async function givenUpAfter(
    worthMs: number | undefined,
    progressAt: (seconds: number) => Progress,
  ): Promise<{ seconds: number; why: string }> {
    const clock = steppedClock();
    const startMs = clock.now();
    const seconds = (): number => (clock.now() - startMs) / 1000;
    const progress = (): Progress => progressAt(seconds());
    let end: { seconds: number; why: string } | undefined;
    void waitPatiently(
      clock,
      {
        ...{ what: 'restoring', leastMs: 10_000, quietMs: 5_000, progress },
        ...(worthMs === undefined ? {} : { worthMs }),
      },
      never(),
    ).catch((error: unknown) => {
      end = { seconds: seconds(), why: (error as Error).message };
    });
    for (let step = 0; step < 10_000 && end === undefined; step += 1) await clock.advance(100);
    if (end === undefined) throw new Error('it never ends');
    return end;
  }

  test('for what crawls ends as soon as its speed is known', async () => {
    const { seconds, why } = await givenUpAfter(25_000, (at) => ({
      ...{ done: at * 50_000, total: 40_000_000 },
    }));
    expect(seconds).toBeLessThan(2);
    expect(why).toMatch(
      /^restoring 40\.0 MB would take about \d+ s at this speed, doing without takes about 25 s$/,
    );
  });

  test('for what is silent ends after a few seconds, however much it is worth', async () => {
    const { seconds, why } = await givenUpAfter(600_000, () => ({ done: 0, total: 1_000_000 }));
    expect(seconds).toBeLessThan(6);
    expect(why).toBe('restoring: nothing was heard for 5 s');
  });

  test('for what goes silent in the middle ends as well', async () => {
    const { seconds } = await givenUpAfter(600_000, (at) => ({
      ...{ done: Math.min(at, 3) * 300_000, total: 10_000_000 },
    }));
    expect(seconds).toBeGreaterThan(7);
    expect(seconds).toBeLessThan(9);
  });

  test('is bounded by the worth also when all has arrived', async () => {
    const { seconds, why } = await givenUpAfter(30_000, () => ({ done: 5, total: 5 }));
    expect(seconds).toBeGreaterThan(29);
    expect(seconds).toBeLessThan(31);
    expect(why).toContain('took more than 30 s');
  });

  test('for what nobody knows the worth of ends after the least that is waited', async () => {
    const { seconds, why } = await givenUpAfter(undefined, (at) => ({ done: at }));
    expect(seconds).toBeGreaterThan(10);
    expect(seconds).toBeLessThan(11);
    expect(why).toBe('restoring took more than 10 s');
  });

  test('goes on for what is slow, but worth more', async () => {
    const clock = steppedClock();
    const startMs = clock.now();
    const done = clock.sleep(38_000).then(() => 'all of it');
    const progress = (): Progress => ({
      ...{ done: ((clock.now() - startMs) / 38_000) * 42e6, total: 42e6 },
    });
    const patience = { what: 'restoring', worthMs: 120_000, leastMs: 0, quietMs: 5_000, progress };
    const waiting = waitPatiently(clock, patience, done);
    await clock.advance(40_000);
    expect(await waiting).toBe('all of it');
  });
});

describe('what a job spent on making things', () => {
  test('is the time between them, without long pauses', () => {
    expect(spentMs([5_000, 1_000, 3_000])).toBe(4_000);
    expect(spentMs([0, 1_000, 601_000, 602_000])).toBe(22_000);
  });

  test('is nothing for what was made at once, or not at all', () => {
    expect(spentMs([])).toBe(0);
    expect(spentMs([7])).toBe(0);
  });
});
