import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { loadKubeConfig } from '@slipway/kube';
import { openChartWorkspace, type ChartWorkspace } from '../charts/chart-workspace.ts';
import { openHelmFixture, type HelmFixture, type StepRun } from '../helm-fixture.ts';
import { openCountingServer, type CountingServer } from './counting-server.ts';

jest.setTimeout(300_000);

const told = 'so it is not rendered again';

/** Holds what another object of the cluster says. */
const lookingChart = `apiVersion: v1
kind: ConfigMap
metadata: { name: '{{ .Release.Name }}' }
data: { said: '{{ dig "data" "said" "nothing" (lookup "v1" "ConfigMap" .Release.Namespace "source") }}' }
`;

/** Holds whether the cluster has a kind, and its version. */
const askingChart = `apiVersion: v1
kind: ConfigMap
metadata: { name: '{{ .Release.Name }}' }
data:
  has: '{{ .Capabilities.APIVersions.Has (printf "%s/v1" .Values.group) }}'
  version: '{{ .Capabilities.KubeVersion.Version }}'
`;

function crd(group: string): string {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Thing', plural: 'things' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
}

describe.each(['v3', 'v4'] as const)('a release of Helm %s that nothing changes', (major) => {
  let fixture: HelmFixture;
  let charts: ChartWorkspace;
  let counting: CountingServer;
  beforeAll(async () => {
    fixture = await openHelmFixture('recognition', major);
    charts = await openChartWorkspace();
    counting = await openCountingServer(
      await loadKubeConfig({ path: fixture.lab.kubeconfig, env: {} }),
    );
  });
  afterAll(async () => {
    await counting.close();
    await charts.close();
    await fixture.close();
  });

  async function step(release: string, inputs: Readonly<Record<string, string>> = {}) {
    const { main }: StepRun = await fixture.step(
      { release, chart: release, ...inputs },
      { workspace: charts.folder },
    );
    expect(main).toMatchObject({ exitCode: 0 });
    return { changed: main.outputs['changed'], isKnown: main.stdout.includes(told) };
  }

  test('is known again: 15 requests at most, of which only the lock writes', async () => {
    const { kubeconfig } = counting;
    const first = await fixture.step({ kubeconfig });
    expect(first.main).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } });
    counting.forget();
    const second = await fixture.step({ kubeconfig });
    expect(second.main).toMatchObject({ exitCode: 0, outputs: { changed: 'false' } });
    expect(second.main.stdout).toContain(told);
    expect(counting.requests.length).toBeLessThanOrEqual(15);
    const writes = counting.requests.filter((request) => !request.startsWith('GET '));
    expect(writes.map((request) => request.split(/[ ?]/, 2).join(' '))).toEqual([
      `POST /apis/coordination.k8s.io/v1/namespaces/${fixture.namespace}/leases`,
      `DELETE /apis/coordination.k8s.io/v1/namespaces/${fixture.namespace}/leases/slipway-web`,
    ]);
    expect(await fixture.history('web')).toEqual(['deployed']);
  });

  test('is rendered each time where its chart looks an object up, and follows that', async () => {
    const { namespace, kubectl } = fixture;
    await charts.write('looking', lookingChart);
    expect(await step('looking')).toEqual({ changed: 'true', isKnown: false });
    expect(await step('looking')).toEqual({ changed: 'false', isKnown: false });
    await kubectl('create', 'configmap', 'source', '--from-literal=said=hello', '-n', namespace);
    expect(await step('looking')).toEqual({ changed: 'true', isKnown: false });
  });

  test('is rendered when the cluster has learned a kind that its chart asks for', async () => {
    const group = `recognition-${major}.example.com`;
    await charts.write('asking', askingChart);
    const values = `group: ${group}`;
    try {
      expect(await step('asking', { values })).toEqual({ changed: 'true', isKnown: false });
      expect(await step('asking', { values })).toEqual({ changed: 'false', isKnown: true });
      await fixture.kube.create(
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        JSON.parse(crd(group)) as Parameters<typeof fixture.kube.create>[1],
      );
      await fixture.kubectl('wait', '--for=condition=Established', `crd/things.${group}`);
      expect(await step('asking', { values })).toEqual({ changed: 'true', isKnown: false });
    } finally {
      await fixture.kubectl('delete', 'crd', `things.${group}`, '--ignore-not-found');
    }
  });
});
