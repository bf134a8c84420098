import { describe, expect, test } from '@jest/globals';
import { replay } from '../src/index.ts';
import { servingRelease } from './watched-release.ts';

/** Milliseconds after its begin at which a verification is cancelled: before, between and after looks. */
const moments = [0, 1, 10, 60, 100, 500, 1_999, 2_000, 2_001, 10_000, 29_900];

describe('a verification that is cancelled', () => {
  test.each(moments)('after %d ms ends then, and says what was seen', async (ms) => {
    const { begin, clock, job, server, ended } = servingRelease();
    begin();
    if (ms > 0) await clock.advance(ms);
    const cancelledMs = clock.now();
    job.abort(new Error('the job was cancelled'));
    await clock.advance(1_000);
    expect(ended.error).toMatchObject({ message: 'the job was cancelled' });
    expect(ended.atMs).toBeLessThan(cancelledMs + 1_000);
    expect(server.openWatches()).toBe(0);
    const asked = server.requests.length;
    await clock.advance(10_000);
    expect(server.requests).toHaveLength(asked);
    expect(ended.cut?.predicate).toMatchObject({ verdict: 'cut-off' });
    if (ended.cut === undefined) throw new Error('There is no certificate.');
    expect(replay(ended.cut.predicate)).toMatchObject({ kind: 'same', verdict: 'cut-off' });
  });

  test('while the API server is silent ends all the same', async () => {
    const { begin, clock, job, server, ended } = servingRelease();
    server.fault({}, { kind: 'silence' }, 1_000);
    begin();
    await clock.advance(5_000);
    job.abort(new Error('the job was cancelled'));
    await clock.advance(1_000);
    expect(ended.error).toMatchObject({ message: 'the job was cancelled' });
    expect(ended.cut?.predicate).toMatchObject({ verdict: 'cut-off' });
  });
});
