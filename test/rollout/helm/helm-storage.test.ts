import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openReleaseStore } from '@slipway/helm';
import { openHelmFixture, type HelmFixture, type StepRun } from '../helm-fixture.ts';

jest.setTimeout(300_000);

const env = { HELM_DRIVER: 'configmap' };

describe.each(['v4', 'v3'] as const)('with Helm %s and its history in ConfigMaps', (major) => {
  let fixture: HelmFixture;
  beforeAll(async () => {
    fixture = await openHelmFixture('storage', major);
  });
  afterAll(() => fixture.close());

  const step = (inputs: Readonly<Record<string, string>>): Promise<StepRun> =>
    fixture.step(inputs, { env });

  async function history(): Promise<readonly string[]> {
    const store = openReleaseStore(fixture.kube, 'web', fixture.namespace, 'configmap');
    return (await store.history()).map(({ revision, status }) => `${revision} ${status}`);
  }

  test('a driver without a way back is refused before anything is written', async () => {
    const { main } = await fixture.step({}, { env: { HELM_DRIVER: 'sql' } });
    expect(main.exitCode).toBe(1);
    expect(main.outputs['reason']).toMatch(/HELM_DRIVER: "sql" cannot be used/);
    expect(main.summary).toContain('nothing was changed');
    const kinds = 'secrets,leases,deployments';
    const found = await fixture.kubectl('get', kinds, '-n', fixture.namespace, '-o', 'name');
    expect(found).toBe('');
  });

  test('a release is installed, left alone, and rolled back with proof', async () => {
    const first = await step({});
    expect(first.main.outputs).toMatchObject({ status: 'deployed', revision: '1', reason: '' });
    const again = await step({});
    expect(again.main.outputs).toMatchObject({ changed: 'false', revision: '1', reason: '' });
    const bad = await step({ set: 'image=REGISTRY/slipway/none:1' });
    expect(bad.main.exitCode).toBe(1);
    expect(bad.main.summary).toContain('rolled back to revision 1 and proven');
    expect(await history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
    const secrets = ['get', 'secrets', '-n', fixture.namespace, '-o', 'name'];
    expect(await fixture.kubectl(...secrets)).toBe('');
  });

  test('a release that a lost runner left pending is recovered by the next run', async () => {
    const slow = { set: 'message=lost\nenv.NEVER_READY=1' };
    await fixture.cutOffStep(slow, /new pods ready/, { env });
    await fixture.killStrayHelm();
    expect((await history())[0]).toMatch(/pending-upgrade/);
    const { main } = await step({ set: 'message=after' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(main.summary).toContain('left pending by a job that died');
  });
});
