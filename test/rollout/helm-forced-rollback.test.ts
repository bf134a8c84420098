import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../lab/cluster/kubectl.ts';
import { openChartWorkspace, type ChartWorkspace } from './charts/chart-workspace.ts';
import { openHelmFixture, type HelmFixture, type StepRun } from './helm-fixture.ts';
import { workloadTemplate } from './charts/workload-template.ts';

jest.setTimeout(300_000);

const template = workloadTemplate({
  kind: 'StatefulSet',
  spec: [
    'replicas: 2',
    'serviceName: none',
    'updateStrategy: { type: \'{{ .Values.strategy | default "RollingUpdate" }}\' }',
  ],
  container: [
    "env: [{ name: MESSAGE, value: '{{ .Values.message }}' }]",
    'readinessProbe: { httpGet: { path: /readyz, port: 8080 }, periodSeconds: 1 }',
  ],
});

describe.each(['v4', 'v3'] as const)('a stateful set with Helm %s', (major) => {
  let fixture: HelmFixture;
  let charts: ChartWorkspace;
  beforeAll(async () => {
    fixture = await openHelmFixture('stateful', major);
    charts = await openChartWorkspace();
    await charts.write('db', template);
  });
  afterAll(async () => {
    await charts.close();
    await fixture.close();
  });

  const step = (release: string, set: string, inputs = {}): Promise<StepRun> =>
    fixture.step({ chart: 'db', release, set, ...inputs }, { workspace: charts.folder });
  const readiness = (release: string): Promise<string> =>
    fixture.kubectl(
      ...['get', 'pods', '-n', fixture.namespace, '-l', `app=${release}`, '-o'],
      'jsonpath={range .items[*]}{.metadata.name}={.status.containerStatuses[0].ready} {end}',
    );
  const waitingFor = (pod: string): Promise<string> =>
    fixture.kubectl(
      ...['get', 'pod', pod, '-n', fixture.namespace, '--ignore-not-found', '-o'],
      'jsonpath={.status.containerStatuses[0].state.waiting.reason}',
    );

  test('whose new image is missing comes back by itself, proven, and takes the next good one', async () => {
    await step('db', 'message=one');
    const bad = await step('db', 'message=two\nimage=REGISTRY/slipway/none:1', { timeout: '5m' });
    expect(bad.main.outputs['reason']).toMatch(/pod\/db-1, container main: (ErrImage|ImagePull)/);
    expect(bad.main.outputs).toMatchObject({ status: 'deployed', 'rolled-back': 'true' });
    expect(bad.main.stdout).toMatch(
      /Deleted pod\/db-1.*statefulset\/db does not replace this pod of an earlier revision/,
    );
    expect(bad.main.summary).toContain('and proven');
    expect((await readiness('db')).trim()).toBe('db-0=true db-1=true');
    const good = await step('db', 'message=three');
    expect(good.main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
  });

  test('that an earlier deploy left stuck takes the next good one', async () => {
    await step('stuck', 'message=one');
    await fixture.helm(
      ...['upgrade', 'stuck', path.join(charts.folder, 'db')],
      ...['--set', `image=${fixture.lab.registry}/slipway/none:1,message=two`],
    );
    // Not ready alone could still be the pod of revision one, on its way out.
    await eventually(
      () => waitingFor('stuck-1'),
      (reason) => reason.includes('ImagePull'),
    );
    const { main } = await step('stuck', 'message=three');
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(main.stdout).toMatch(/Deleted pod\/stuck-1/);
    expect((await readiness('stuck')).trim()).toBe('stuck-0=true stuck-1=true');
  });

  test('of which users replace the pods (OnDelete) loses only those of a revision that is given up', async () => {
    const onDelete = 'strategy=OnDelete\nmessage=';
    await step('manual', `${onDelete}one`);
    await eventually(
      () => readiness('manual'),
      (text) => text.trim() === 'manual-0=true manual-1=true',
    );
    const bad = await step('manual', `${onDelete}two\nimage=REGISTRY/slipway/none:1`);
    expect(bad.main.outputs).toMatchObject({ status: 'deployed', reason: '' });
    await fixture.kubectl('delete', 'pod', 'manual-0', '-n', fixture.namespace);
    await eventually(
      () => readiness('manual'),
      (text) => text.includes('manual-0=false'),
    );
    const next = await step('manual', `${onDelete}three`);
    expect(next.main.stdout).not.toContain('Deleted');
  });
});
