import { describe, expect, test } from '@jest/globals';
import { fakeLog } from '@slipway/testing';
import type { ReleaseLock } from '../../src/index.ts';
import { path, leases, scene, timeout } from './lock-scene.ts';

describe('the lock of a release', () => {
  test('is taken and let go in one request each, also when it was renewed', async () => {
    const { clock, server, held } = scene();
    const lock = await held('first');
    await clock.advance(12_000);
    await lock.release();
    const verbs = server.requests.map(({ verb }) => verb);
    expect(verbs.filter((verb) => verb !== 'patch')).toEqual(['create', 'delete']);
    expect(server.object(path)).toBeUndefined();
  });

  test('is let go also when a stranger wrote into it, and left to whoever has it by then', async () => {
    const { server, held, write } = scene();
    const lock = await held('first');
    write('first');
    await lock.release();
    expect(server.object(path)).toBeUndefined();
    const second = await held('second');
    write('third');
    await second.release();
    expect(server.object(path)).toMatchObject({ spec: { holderIdentity: 'third' } });
  });

  test('is a lease that is renewed while it is held, and taken away afterwards', async () => {
    const { clock, server, held, holder } = scene();
    const lock = await held('first');
    expect(lock).toMatchObject({ held: true, deadHolder: undefined });
    const before = server.object(path)?.metadata.resourceVersion;
    await clock.advance(60_000);
    expect(server.object(path)?.metadata.resourceVersion).not.toBe(before);
    expect(holder()).toBe('first');
    await lock.release();
    expect(server.object(path)).toBeUndefined();
    const requests = server.requests.length;
    await clock.advance(60_000);
    expect(server.requests).toHaveLength(requests);
  });

  test('is waited for while its holder lives, and taken when it lets go', async () => {
    const { clock, held, lock, holder } = scene();
    const first = await held('first');
    const waiting = lock('second');
    await clock.advance(120_000);
    expect(holder()).toBe('first');
    await first.release();
    await clock.advance(5_000);
    expect((await waiting).deadHolder).toBeUndefined();
    expect(holder()).toBe('second');
    expect(first.lost.aborted).toBe(false);
  });

  test('is not waited for longer than the job may', async () => {
    const { clock, held, lock } = scene();
    await held('first');
    const waiting = lock('second', { timeoutMs: 30_000 }).catch((error: unknown) => error);
    await clock.advance(40_000);
    expect(await waiting).toMatchObject({
      message: expect.stringContaining('is being worked on by first, which is alive'),
      title: 'Another job holds the release',
    });
  });

  test('is taken from a holder that gives no sign of life for the whole lease', async () => {
    const { clock, lock, write, holder } = scene();
    write('dead');
    const taking = lock('second');
    await clock.advance(19_000);
    expect(holder()).toBe('dead');
    await clock.advance(3_000);
    expect((await taking).deadHolder).toBe('dead');
  });

  test('is waited for also when the clock of its holder is ten minutes behind', async () => {
    const { clock, lock, write, holder } = scene();
    const waiting = lock('second');
    for (let passed = 0; passed < 60; passed += 10) {
      write('first', clock.now() - 600_000);
      await clock.advance(10_000);
      expect(holder()).toBe('first');
    }
    await clock.advance(30_000);
    expect((await waiting).deadHolder).toBe('first');
  });

  test('is taken at once when its last sign of life is long past', async () => {
    const { clock, lock, write } = scene();
    write('dead', clock.now() - 2 * 3_600_000);
    const taking = lock('second');
    await clock.advance(0);
    expect((await taking).deadHolder).toBe('dead');
  });

  test('has no dead holder when another job took over from it first, and let go', async () => {
    const { clock, server, lock, write } = scene();
    write('dead', clock.now() - 2 * 3_600_000);
    server.fault({ verb: 'get', path: leases }, { kind: 'delay', ms: 1_000 });
    const third = lock('third');
    await clock.advance(500);
    write('second');
    await clock.advance(3_000);
    server.remove(server.object(path) ?? {});
    await clock.advance(5_000);
    expect((await third).deadHolder).toBeUndefined();
  });

  test('is not held where leases are forbidden, which is told', async () => {
    const { server, lock } = scene();
    const log = fakeLog();
    server.forbid('create', 'leases');
    expect(await lock('first', { log })).toMatchObject({ held: false });
    expect(log.text()).toContain('warning: The release is not locked against other jobs');
  });

  test('that is another’s by now is left to it at the end', async () => {
    const { clock, held, write, holder } = scene();
    const lock = await held('first');
    write('second');
    await clock.advance(6_000);
    await lock.release();
    expect(holder()).toBe('second');
  });
});

describe('taking the lock goes on', () => {
  test('when the answer to making the lease is lost: the holder is us', async () => {
    const { clock, server, lock, holder } = scene();
    server.fault({ verb: 'create', path: leases }, { kind: 'answer-lost' });
    const taking = lock('first');
    await clock.advance(5_000);
    expect((await taking).deadHolder).toBeUndefined();
    expect(holder()).toBe('first');
  });

  test('when the answer to taking over is lost, and the dead holder is known', async () => {
    const { clock, server, lock, write, holder } = scene();
    write('dead', clock.now() - 2 * 3_600_000);
    server.fault({ verb: 'patch', path: leases }, { kind: 'answer-lost' });
    const taking = lock('second');
    await clock.advance(5_000);
    expect((await taking).deadHolder).toBe('dead');
    expect(holder()).toBe('second');
  });

  test('when the server does not answer while the holder is waited for', async () => {
    const { clock, server, lock, write } = scene();
    write('dead');
    const taking = lock('second');
    await clock.advance(4_000);
    server.fault({ verb: 'get', path: leases }, { kind: 'refusal', refusal: timeout }, 2);
    await clock.advance(30_000);
    expect((await taking).deadHolder).toBe('dead');
  });

  test.each(['lost answers', 'a server that is away'])('but not for ever: %s', async (what) => {
    const { clock, server, lock } = scene();
    const kind = what === 'lost answers' ? 'reset' : 'refused';
    server.fault({ path: leases }, { kind }, Number.POSITIVE_INFINITY);
    const taking = lock('first').catch((error: unknown) => error);
    await clock.advance(120_000);
    expect(await taking).toMatchObject({ reason: 'Unreachable' });
  });
});

test('two jobs that meet never both think that they hold the lock', async () => {
  const { clock, server, lock } = scene();
  const holding: ReleaseLock[] = [];
  for (const owner of ['first', 'second']) void lock(owner).then((taken) => holding.push(taken));
  server.fault({ verb: 'patch', path: leases }, { kind: 'answer-lost' }, 3);
  server.fault({ verb: 'get', path: leases }, { kind: 'reset' }, 3);
  for (let second = 0; second < 300; second += 1) {
    await clock.advance(1_000);
    expect(holding.filter(({ lost }) => !lost.aborted)).toHaveLength(1);
  }
});
