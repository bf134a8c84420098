import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openChartWorkspace, type ChartWorkspace } from './charts/chart-workspace.ts';
import { openHelmFixture, type HelmFixture, type StepRun } from './helm-fixture.ts';
import { workloadTemplate } from './charts/workload-template.ts';

jest.setTimeout(300_000);

const template = `{{- if .Values.brings }}
apiVersion: v1
kind: ServiceAccount
metadata: { name: '{{ .Values.brings }}' }
---
{{- end }}
${workloadTemplate({
  podSpec: ['{{- with .Values.account }}', "serviceAccountName: '{{ . }}'", '{{- end }}'],
  container: ["env: [{ name: MESSAGE, value: '{{ .Values.message }}' }]"],
})}`;

describe.each(['v4', 'v3'] as const)('the service account of pods with Helm %s', (major) => {
  let fixture: HelmFixture;
  let charts: ChartWorkspace;
  beforeAll(async () => {
    fixture = await openHelmFixture('account', major);
    charts = await openChartWorkspace();
    await charts.write('app', template);
  });
  afterAll(async () => {
    await charts.close();
    await fixture.close();
  });

  const step = (release: string, set: string): Promise<StepRun> =>
    fixture.step({ chart: 'app', release, timeout: '2m', set }, { workspace: charts.folder });
  const account = (release: string): Promise<string> =>
    fixture.kubectl(
      ...['get', 'deployment', release, '-n', fixture.namespace, '-o'],
      'jsonpath={.spec.template.spec.serviceAccountName}{.spec.template.spec.serviceAccount}',
    );

  test('that does not exist is gone after the rollback, which is proven', async () => {
    await step('app', 'message=one');
    const { main } = await step('app', 'message=two\naccount=ghost');
    expect(main.outputs['reason']).toMatch(/serviceaccount "ghost" not found/);
    expect(main.summary).toContain('and proven');
    expect(await account('app')).toBe('');
  });

  test('goes with the chart that names none any more', async () => {
    await step('leaving', 'account=worker\nbrings=worker');
    expect(await account('leaving')).toBe('workerworker');
    const { main } = await step('leaving', 'message=two');
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(await account('leaving')).toBe('');
  });

  test('that was left behind earlier is taken away by the next deploy', async () => {
    await step('stained', 'message=one');
    await fixture.kubectl(
      ...['patch', 'deployment', 'stained', '-n', fixture.namespace, '--type=merge', '-p'],
      '{"spec":{"template":{"spec":{"serviceAccount":"ghost","serviceAccountName":"ghost"}}}}',
    );
    const { main } = await step('stained', 'message=two');
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(main.stdout).toContain('Took the service account ghost from deployment/stained');
    expect(await account('stained')).toBe('');
  });
});
