import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openChartWorkspace, type ChartWorkspace } from '../charts/chart-workspace.ts';
import { workloadTemplate } from '../charts/workload-template.ts';
import { openHelmFixture, type HelmFixture } from '../helm-fixture.ts';

jest.setTimeout(300_000);

/** Ready at once, and ended after 4 s, each time; the old pods go before the new ones come. */
const brittle = workloadTemplate({
  spec: ['strategy: { type: Recreate }'],
  container: ["env: [{ name: EXIT_AFTER, value: '4' }]"],
});

describe.each(['v4', 'v3'] as const)('with Helm %s', (major) => {
  let fixture: HelmFixture;
  let charts: ChartWorkspace;
  beforeAll(async () => {
    fixture = await openHelmFixture('soak', major);
    charts = await openChartWorkspace();
    await charts.write('brittle', brittle);
  });
  afterAll(async () => {
    await charts.close();
    await fixture.close();
  });

  test('a rollback to pods that are ready and crash right after is not proven', async () => {
    const shared = { release: 'brittle', chart: 'brittle' };
    const { folder: workspace } = charts;
    const first = await fixture.step({ ...shared, 'fail-fast': 'off' }, { workspace });
    expect(first.main.outputs).toMatchObject({ status: 'deployed', revision: '1' });
    const { main } = await fixture.step({ ...shared, set: 'image=Not A Name' }, { workspace });
    expect(main.outputs).toMatchObject({ 'rolled-back': 'true', proof: 'not-proven' });
    expect(main.summary).toMatch(
      /was restarted while it was watched|0 of 1 pods are ready|exit code 0|CrashLoopBackOff/,
    );
  });
});
