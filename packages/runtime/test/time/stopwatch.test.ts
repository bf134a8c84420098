import { expect, test } from '@jest/globals';
import { fakeClock } from '@slipway/testing';
import { stopwatch } from '../../src/index.ts';

test('a stopwatch notes each part in the order of its end, those that fail too', async () => {
  const clock = fakeClock();
  const { time, parts } = stopwatch(clock);
  expect(await time('Render', () => clock.sleep(30).then(() => 'rendered'))).toBe('rendered');
  const failing = time('Upgrade', async () => {
    await clock.sleep(70);
    throw new Error('broken');
  });
  await expect(failing).rejects.toThrow('broken');
  expect(parts).toEqual([
    { name: 'Render', durationMs: 30 },
    { name: 'Upgrade', durationMs: 70 },
  ]);
});
