import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../lab/cluster/kubectl.ts';
import { openChartWorkspace, type ChartWorkspace } from './charts/chart-workspace.ts';
import { openHelmFixture, type HelmFixture } from './helm-fixture.ts';
import { workloadTemplate } from './charts/workload-template.ts';

jest.setTimeout(300_000);

/** Of cert-manager only the definition of its kind; nobody makes anything of its objects here. */
const certificates = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: certificates.cert-manager.io }
spec:
  group: cert-manager.io
  scope: Namespaced
  names: { kind: Certificate, plural: certificates }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;

const needsSecret = `${workloadTemplate({
  container: ["envFrom: [{ secretRef: { name: '{{ .Release.Name }}-tls' } }]"],
})}---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: '{{ .Release.Name }}' }
spec: { secretName: '{{ .Release.Name }}-tls', dnsNames: [shop.example.com] }
`;

const postStart = workloadTemplate({
  container: ['lifecycle: { postStart: { exec: { command: [/absent] } } }'],
});

describe.each(['v4', 'v3'] as const)('a rollout with Helm %s', (major) => {
  let fixture: HelmFixture;
  let charts: ChartWorkspace;
  beforeAll(async () => {
    fixture = await openHelmFixture('patience', major);
    charts = await openChartWorkspace();
    await fixture.step({});
  });
  afterAll(async () => {
    await charts.close();
    await fixture.kubectl('delete', 'crd', 'certificates.cert-manager.io', '--ignore-not-found');
    await fixture.close();
  });

  test('of a container that crashes three times while its database starts is waited for', async () => {
    const { main } = await fixture.step({
      timeout: '3m',
      set: 'env.CRASH_ONCE=/scratch/crashed\nenv.CRASH_TIMES=3',
    });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    const restarts = await fixture.kubectl(
      ...['get', 'pods', '-n', fixture.namespace, '-l', 'app=web', '-o'],
      'jsonpath={.items[*].status.containerStatuses[*].restartCount}',
    );
    expect(restarts).toContain('3');
  });

  test('of a container that ends for good is given up at its second end when strict', async () => {
    const { main } = await fixture.step({
      timeout: '5m',
      'fail-fast': 'strict',
      set: 'env.EXIT_AFTER=0\nenv.EXIT_CODE=7',
    });
    expect(main.outputs['reason']).toMatch(/CrashLoopBackOff: ends with exit code 7.*, 1 restart/);
  });

  test('of a container whose output says why it always ends is given up at its second end', async () => {
    const { main } = await fixture.step({
      timeout: '5m',
      set: 'env.EXIT_AFTER=0\nenv.EXIT_CODE=2\nenv.PRINT=flag provided but not defined: -port',
    });
    expect(main.outputs['reason']).toMatch(/CrashLoopBackOff: ends with exit code 2.*, 1 restart/);
  });

  test('is left to its timeout when fail-fast is off, with the cause named', async () => {
    const { main } = await fixture.step({
      timeout: '25s',
      'fail-fast': 'off',
      set: 'image=REGISTRY/slipway/none:1',
    });
    expect(main.outputs['reason']).toMatch(
      /^not ready within 25s .*(ErrImage|ImagePull).*not found/,
    );
    expect(main.outputs['rolled-back']).toBe('true');
  });

  test('that lacks a Secret waits for it where a Certificate says that it comes', async () => {
    const { namespace, kubectl } = fixture;
    await charts.write('crd', certificates);
    await charts.write('shop', needsSecret);
    const inputs = { release: 'crd', chart: 'crd' };
    await fixture.step(inputs, { workspace: charts.folder });
    const made = (async () => {
      await eventually(
        () =>
          kubectl(
            ...['get', 'pods', '-n', namespace, '-l', 'app=shop', '-o'],
            'jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}',
          ),
        (text) => text.includes('CreateContainerConfigError'),
      );
      // Longer than a Secret that nobody makes is waited for when strict, and was before.
      await sleep(25_000);
      await kubectl(
        'create',
        'secret',
        'generic',
        'shop-tls',
        '-n',
        namespace,
        '--from-literal=a=b',
      );
    })();
    const [{ main }] = await Promise.all([
      fixture.step(
        { release: 'shop', chart: 'shop', timeout: '3m', 'fail-fast': 'strict' },
        { workspace: charts.folder },
      ),
      made,
    ]);
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    await kubectl('delete', 'secret', 'shop-tls', '-n', namespace);
    await kubectl('delete', 'pods', '-n', namespace, '-l', 'app=shop');
    const late = await fixture.step(
      { release: 'shop', chart: 'shop', timeout: '15s' },
      { workspace: charts.folder },
    );
    expect(late.main.outputs['reason']).toContain(
      'secret "shop-tls" not found; certificate/shop is to make the Secret shop-tls',
    );
  });

  test('whose postStart hook fails is called so, and no crash', async () => {
    await charts.write('hooked', postStart);
    const { main } = await fixture.step(
      { release: 'hooked', chart: 'hooked', timeout: '5m', 'fail-fast': 'strict' },
      { workspace: charts.folder },
    );
    expect(main.outputs['reason']).toMatch(/pod\/hooked-\S+, container main: PostStartHookError: /);
  });
});
