import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openHelmFixture, type HelmFixture } from '../helm-fixture.ts';

jest.setTimeout(300_000);

describe.each(['v4', 'v3'] as const)('with Helm %s', (major) => {
  let fixture: HelmFixture;
  beforeAll(async () => {
    fixture = await openHelmFixture('soak', major);
  });
  afterAll(() => fixture.close());

  test('a rollback to pods that are ready and crash right after is not proven', async () => {
    // Ready at once, and ended after some seconds, each time; the old pods go before the new ones come.
    const brittle = 'env.EXIT_AFTER=4\nstrategy.type=Recreate';
    const first = await fixture.step({ set: brittle, 'fail-fast': 'off' });
    expect(first.main.outputs).toMatchObject({ status: 'deployed', revision: '1' });
    const { main } = await fixture.step({ set: `${brittle}\nimage=Not A Name` });
    expect(main.outputs).toMatchObject({ 'rolled-back': 'true', proof: 'not-proven' });
    expect(main.summary).toMatch(/was restarted while it was watched|0 of 1 pods are ready|crash/i);
  });
});
