import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openChartWorkspace, type ChartWorkspace } from './charts/chart-workspace.ts';
import { openHelmFixture, type HelmFixture, type StepRun } from './helm-fixture.ts';

jest.setTimeout(300_000);

/** A hook as charts have it: nothing is said of how often it may fail. */
const hookJob = `apiVersion: batch/v1
kind: Job
metadata:
  name: '{{ .Release.Name }}'
  annotations: { helm.sh/hook: 'pre-install,pre-upgrade' }
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: '{{ .Values.image }}'
          env:
            - { name: EXIT_AFTER, value: '0' }
            - { name: EXIT_CODE, value: '4' }
            - { name: PRINT, value: '{{ .Values.print }}' }
`;

const hookPod = `apiVersion: v1
kind: Pod
metadata: { name: '{{ .Release.Name }}', annotations: { helm.sh/hook: pre-install } }
spec:
  restartPolicy: Never
  containers: [{ name: main, image: '{{ .Values.missing }}' }]
`;

const balancer = `apiVersion: v1
kind: Service
metadata: { name: '{{ .Release.Name }}' }
spec: { type: LoadBalancer, selector: { app: none }, ports: [{ port: 80 }] }
`;

const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: '{{ .Release.Name }}' }
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: absent
  resources: { requests: { storage: 1Gi } }
`;

const claimed = `${claim}---
apiVersion: v1
kind: Pod
metadata: { name: '{{ .Release.Name }}' }
spec:
  volumes: [{ name: data, persistentVolumeClaim: { claimName: '{{ .Release.Name }}' } }]
  containers: [{ name: main, image: '{{ .Values.image }}' }]
`;

describe.each(['v4', 'v3'] as const)('what Helm %s waits for', (major) => {
  let fixture: HelmFixture;
  let charts: ChartWorkspace;
  beforeAll(async () => {
    fixture = await openHelmFixture('waits', major);
    charts = await openChartWorkspace();
    await charts.write('migrate', hookJob);
    await charts.write('seed', hookPod);
    await charts.write('front', balancer);
    await charts.write('disk', claim);
    await charts.write('disk-user', claimed);
  });
  afterAll(async () => {
    await charts.close();
    await fixture.close();
  });

  const step = (chart: string, inputs: Readonly<Record<string, string>>): Promise<StepRun> =>
    fixture.step({ chart, release: chart, ...inputs }, { workspace: charts.folder });

  test('is a hook that fails again and again: given up after a few pods, with how they end', async () => {
    const { main } = await step('migrate', { timeout: '10m', 'fail-fast': 'strict' });
    expect(main.outputs['reason']).toMatch(
      /pod\/migrate-\S+, container migrate: Error: ends with exit code 4.*; so it went 2 times in job\/migrate/,
    );
    expect(main.summary).toContain('told to end with exit code 4');
  });

  test('is a hook whose output says that it always fails', async () => {
    const { main } = await step('migrate', {
      timeout: '10m',
      set: 'print=panic: runtime error: invalid memory address',
    });
    expect(main.outputs['reason']).toMatch(/exit code 4.*; so it went 2 times in job\/migrate/);
  });

  test('is a hook that is a pod, whose image is missing', async () => {
    const { main } = await step('seed', { timeout: '10m', set: 'missing=REGISTRY/slipway/none:1' });
    expect(main.outputs['reason']).toMatch(
      /pod\/seed, container main: (ErrImage|ImagePull)\w+: .*not found/,
    );
  });

  test('is a Service that gets no address', async () => {
    const { main } = await step('front', { timeout: '10s' });
    expect(main.outputs['reason']).toMatch(
      /^not ready within 10s \(Helm\): service\/front: \w+: it is of type LoadBalancer, and no load balancer/,
    );
  });

  test('is a claim that is not bound', async () => {
    const { main } = await step('disk', { timeout: '10s' });
    expect(main.outputs['reason']).toMatch(
      /^not ready within 10s \(Helm\): persistentvolumeclaim\/disk: ProvisioningFailed: .*"absent" not found/,
    );
  });

  test('is a pod that cannot be scheduled for want of its claim, and why that is not bound', async () => {
    const { main } = await step('disk-user', { timeout: '12s' });
    expect(main.outputs['reason']).toMatch(
      /pod\/disk-user: Unschedulable: .*persistentvolumeclaim\/disk-user: ProvisioningFailed: .*"absent" not found/i,
    );
  });
});
