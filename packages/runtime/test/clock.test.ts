import { expect, test } from '@jest/globals';
import { systemClock } from '../src/index.ts';

test('sleeping ends at once when the job is cancelled, with the reason', async () => {
  const controller = new AbortController();
  const asleep = systemClock.sleep(2 ** 40, controller.signal);
  controller.abort(new Error('cancelled'));
  await expect(asleep).rejects.toThrow('cancelled');
  await expect(systemClock.sleep(1, controller.signal)).rejects.toThrow('cancelled');
});

test('sleeping for no time ends', async () => {
  await expect(systemClock.sleep(0)).resolves.toBeUndefined();
});
