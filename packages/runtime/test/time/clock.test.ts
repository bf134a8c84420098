import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { node24 } from '@slipway/testing';
import { systemClock } from '../../src/index.ts';

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

test('timers run once or again and again, until they are stopped', async () => {
  const ran: string[] = [];
  systemClock.after(5, () => ran.push('once'));
  const stopped = systemClock.after(5, () => ran.push('never'));
  stopped.stop();
  stopped.restart();
  await new Promise<void>((resolve) => {
    const timer = systemClock.every(10, () => {
      if (ran.push('again') < 4) return;
      timer.stop();
      resolve();
    });
  });
  await systemClock.sleep(30);
  expect(ran).toEqual(['once', 'again', 'again', 'again']);
});

test('a timer that is restarted counts anew', async () => {
  const startedMs = systemClock.now();
  const ranMs = await new Promise<number>((resolve) => {
    const timer = systemClock.after(60, () => resolve(systemClock.now() - startedMs));
    systemClock.after(40, timer.restart);
  });
  expect(ranMs).toBeGreaterThanOrEqual(98);
});

test('timers do not keep the process alive, and a very long one does not run at once', () => {
  const program = `
    import { systemClock } from ${JSON.stringify(path.join(import.meta.dirname, '../../src/time/index.ts'))};
    systemClock.after(2 ** 40, () => console.log('after'));
    systemClock.every(60_000, () => console.log('every'));
    await systemClock.sleep(20);
    console.log('done');`;
  const args = ['--input-type=module', '--eval', program];
  expect(execFileSync(node24(), args, { encoding: 'utf8', timeout: 50_000 })).toBe('done\n');
});
