import { expect, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import type { Run } from '@slipway/runtime';
import { fakeLog, steppedClock } from '@slipway/testing';
import { withinPlanLimit } from '../src/plan-limit.ts';

const exec = systemExec({ log: fakeLog(), env: process.env });

/** What of a run the limit needs. */
function runOf(signal = new AbortController().signal) {
  const clock = steppedClock();
  return { clock, run: { clock, signal } as unknown as Run };
}

test('a plan that takes too long ends with an answer that names what it was waiting for', async () => {
  const { clock, run } = runOf();
  let started: () => void = () => undefined;
  const isStarted = new Promise<void>((resolve) => (started = resolve));
  const plan = withinPlanLimit(run, exec, async (_, limited) => {
    await limited(process.execPath, ['--version']);
    const waiting = limited(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    started();
    return await waiting;
  });
  const failed = plan.catch((error: unknown) => error);
  await isStarted;
  await clock.advance(8 * 60_000);
  expect(await failed).toMatchObject({
    message: 'The plan took longer than 8m 00s, and it was waiting for node. Nothing was planned.',
    next: expect.stringContaining('Run it again'),
  });
});

test('an answer that came after the limit, without what was stopped, is none', async () => {
  const { clock, run } = runOf();
  const plan = withinPlanLimit(run, exec, async ({ signal }) => {
    await clock.advance(8 * 60_000);
    return signal.aborted ? 'half a plan' : 'a whole plan';
  });
  await expect(plan).rejects.toThrow('The plan took longer than 8m 00s. Nothing was planned.');
});

test('a plan within the limit is as it is, and so is its failure', async () => {
  const { run } = runOf();
  expect(await withinPlanLimit(run, exec, () => Promise.resolve('a plan'))).toBe('a plan');
  const failing = withinPlanLimit(run, exec, () => Promise.reject(new Error('no go.mod')));
  await expect(failing).rejects.toThrow('no go.mod');
});

test('a job that is cancelled ends it with its own reason', async () => {
  const cancelled = new AbortController();
  const { run } = runOf(cancelled.signal);
  const plan = withinPlanLimit(run, exec, (_, limited) => {
    const waiting = limited(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    cancelled.abort(new Error('cancelled'));
    return waiting;
  });
  await expect(plan).rejects.toThrow('cancelled');
});
