import { describe, expect, test } from '@jest/globals';
import { fakeClock, pacedClock, steppedClock } from '../src/index.ts';

describe('a clock that jumps', () => {
  test('moves on by what is slept, and runs the timers that fall due on the way', async () => {
    const clock = fakeClock(0);
    const ran: string[] = [];
    clock.every(400, () => ran.push(`every at ${clock.now()}`));
    clock.after(500, () => ran.push(`after at ${clock.now()}`));
    await clock.sleep(1_000);
    expect(ran).toEqual(['every at 400', 'after at 500', 'every at 800']);
    expect(clock.now()).toBe(1_000);
  });
});

describe('a clock that is stepped', () => {
  test('wakes everybody at their own time, and lets them go on before the next', async () => {
    const clock = steppedClock(0);
    const woke: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      for (let round = 0; round < 2; round += 1) {
        await clock.sleep(ms);
        woke.push(`${name} at ${clock.now()}`);
      }
    };
    void sleeper('a', 300);
    void sleeper('b', 500);
    await clock.advance(299);
    expect(woke).toEqual([]);
    await clock.advance(701);
    expect(woke).toEqual(['a at 300', 'b at 500', 'a at 600', 'b at 1000']);
    expect([clock.now(), clock.waiting()]).toEqual([1_000, 0]);
  });

  test('wakes a sleeper at once when its signal aborts', async () => {
    const [clock, controller] = [steppedClock(), new AbortController()];
    const asleep = clock.sleep(1_000, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(asleep).rejects.toThrow('cancelled');
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('cancelled');
    expect(clock.waiting()).toBe(0);
  });

  test('runs a timer no more once it is stopped, and later once it is restarted', async () => {
    const clock = steppedClock(0);
    const ran: number[] = [];
    const again = clock.after(100, () => ran.push(clock.now()));
    const never = clock.every(100, () => ran.push(-1));
    await clock.advance(50);
    again.restart();
    never.stop();
    never.restart();
    await clock.advance(1_000);
    expect(ran).toEqual([150]);
  });
});

describe('a clock that is paced', () => {
  test('goes on by itself, timers and sleepers in their order, while anybody waits', async () => {
    const clock = pacedClock(100);
    const startMs = clock.now();
    const ran: string[] = [];
    const often = clock.every(400, () => ran.push('every'));
    clock.after(500, () => ran.push('after'));
    await clock.sleep(900);
    often.stop();
    expect(ran).toEqual(['every', 'after', 'every']);
    expect(clock.now() - startMs).toBe(1_000);
  });

  test('goes no further in a turn than it may, however long the process was held up', async () => {
    const clock = pacedClock(2);
    const startMs = clock.now();
    const asleep = clock.sleep(10);
    const heldUpUntilMs = performance.now() + 100;
    while (performance.now() < heldUpUntilMs);
    await asleep;
    expect(clock.now() - startMs).toBe(10);
  });
});
