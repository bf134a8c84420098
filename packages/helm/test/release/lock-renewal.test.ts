import { describe, expect, test } from '@jest/globals';
import { fakeLog } from '@slipway/testing';
import { path, leases, scene, timeout } from './lock-scene.ts';

describe('the lock is kept', () => {
  test('when a renewal was made and its answer lost', async () => {
    const { clock, server, held, lock, holder } = scene();
    const first = await held('first');
    server.fault({ verb: 'patch', path: leases }, { kind: 'answer-lost' });
    const waiting = lock('second');
    await clock.advance(120_000);
    expect(first.lost.aborted).toBe(false);
    expect(holder()).toBe('first');
    await first.release();
    await clock.advance(5_000);
    await waiting;
  });

  test('when somebody else wrote into the lease, and reading it fails once', async () => {
    const { clock, server, held, write } = scene();
    const lock = await held('first');
    write('first', 0);
    server.fault({ verb: 'get', path: leases }, { kind: 'refusal', refusal: timeout });
    await clock.advance(60_000);
    expect(lock.lost.aborted).toBe(false);
    const { spec } = server.object(path) as unknown as { spec: { renewTime: string } };
    expect(clock.now() - Date.parse(spec.renewTime)).toBeLessThan(10_000);
  });

  test('when renewals fail for less than the lease', async () => {
    const { clock, server, held, holder } = scene();
    const lock = await held('first');
    server.fault({ verb: 'patch', path: leases }, { kind: 'refusal', refusal: timeout }, 8);
    await clock.advance(60_000);
    expect(lock.lost.aborted).toBe(false);
    expect(holder()).toBe('first');
  });

  test('when somebody removed the lease', async () => {
    const { clock, server, held, holder } = scene();
    const lock = await held('first');
    server.remove(server.object(path) ?? {});
    await clock.advance(6_000);
    expect(lock.lost.aborted).toBe(false);
    expect(holder()).toBe('first');
  });

  test('when the machine slept and nobody took it meanwhile', async () => {
    const { clock, lock, holder } = scene();
    let sleptMs = 0;
    const own = { ...clock, now: () => clock.now() + sleptMs };
    const first = await lock('first', { clock: own });
    sleptMs = 3_600_000;
    await clock.advance(30_000);
    expect(first.lost.aborted).toBe(false);
    expect(holder()).toBe('first');
  });

  test('unrenewed, when renewing is forbidden, which is told once', async () => {
    const { clock, server, lock } = scene();
    const log = fakeLog();
    server.forbid('patch', 'leases');
    const first = await lock('first', { log });
    await clock.advance(60_000);
    expect(first.lost.aborted).toBe(false);
    expect(log.lines.filter(({ level }) => level === 'warning')).toHaveLength(1);
  });
});

describe('the lock is lost', () => {
  test('when somebody else holds it', async () => {
    const { clock, held, write } = scene();
    const lock = await held('first');
    write('second');
    await clock.advance(6_000);
    expect(lock.lost.reason).toMatchObject({
      message: 'second took over the release api while this job worked on it.',
    });
  });

  test('when it could not be renewed for its whole duration, and not before', async () => {
    const { clock, server, held } = scene();
    const lock = await held('first');
    server.fault({ verb: 'patch', path: leases }, { kind: 'reset' }, Number.POSITIVE_INFINITY);
    await clock.advance(14_000);
    expect(lock.lost.aborted).toBe(false);
    await clock.advance(12_000);
    expect(lock.lost.reason).toMatchObject({
      message: expect.stringContaining('could not be renewed for 20s'),
    });
  });
});
