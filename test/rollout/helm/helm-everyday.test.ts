import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openHelmFixture, type HelmFixture, type StepRun } from '../helm-fixture.ts';

jest.setTimeout(300_000);

const run = promisify(execFile);

/** No pods: what Helm and the cluster make of the change is what counts here. */
const changingChart = `# Only a comment.
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: '{{ .Release.Name }}', annotations: }
spec:
  replicas: 0
  strategy: {{ .Values.half | ternary "{ type: Recreate }" "{ type: RollingUpdate, rollingUpdate: { maxSurge: 1 } }" }}
  selector: { matchLabels: { app: changing } }
  template:
    metadata: { labels: { app: changing } }
    spec:
      volumes: [{ name: data, {{ .Values.half | ternary "configMap: { name: absent }" "emptyDir: {}" }} }]
      containers:
        - name: main
          image: '{{ .Values.image }}'
          env: [{ name: URL, {{ .Values.half | ternary "valueFrom: { configMapKeyRef: { name: absent, key: url } }" "value: one" }} }]
          readinessProbe: {{ .Values.half | ternary "{ tcpSocket: { port: 80 } }" "{ httpGet: { path: /, port: 80 } }" }}
          resources: { limits: { cpu: 1000m, memory: 0.5Gi } }
---
# Only a comment.
`;

/** Nothing that differs between two runs of it would run. */
const restlessChart = `apiVersion: apps/v1
kind: Deployment
metadata: { name: '{{ .Release.Name }}' }
spec:
  replicas: 0
  selector: { matchLabels: { app: restless } }
  template:
    metadata: { labels: { app: restless } }
    spec:
      containers:
        - name: main
          image: '{{ .Values.image }}'
          {{- if .Values.twice }}
          env: [{ name: A, value: one }, { name: A, value: two }]
          {{- end }}
---
apiVersion: batch/v1
kind: Job
metadata: { name: '{{ .Release.Name }}' }
spec:
  ttlSecondsAfterFinished: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - { name: main, image: '{{ .Values.image }}', env: [{ name: EXIT_AFTER, value: '0' }] }
---
apiVersion: v1
kind: Pod
metadata:
  name: '{{ .Release.Name }}-{{ randAlpha 5 | lower }}'
  annotations: { helm.sh/hook: test }
spec: { containers: [{ name: main, image: none }] }
`;

const secretChart = `apiVersion: v1
kind: Secret
metadata: { name: '{{ .Release.Name }}' }
stringData:
  ENVIRONMENT: '{{ .Release.Namespace }}'
  DATABASE: '{{ .Values.existingSecret }}'
  settings: |
    status: deployed
    {{- range until 3000 }}
    feature.{{ . }}: s3cr3t-of-feature-{{ . }}
    {{- end }}
    signing-key: s3cr3t-that-is-longer-than-any-feature
`;

function crd(group: string, fields: readonly string[]): string {
  const properties = fields.map((field) => `${field}: { type: integer }`).join(', ');
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: 'widgets.${group}' }
spec:
  group: ${group}
  scope: Namespaced
  names: { kind: Widget, plural: widgets }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, properties: { ${properties} } } }
`;
}

const widget = (group: string, spec: string): string => `apiVersion: ${group}/v1
kind: Widget
metadata: { name: '{{ .Release.Name }}' }
spec: ${spec}
`;

describe.each(['v4', 'v3'] as const)('with Helm %s an everyday release', (major) => {
  let fixture: HelmFixture;
  let workspace: string;
  const group = `helm-everyday-${major}.example.com`;
  beforeAll(async () => {
    fixture = await openHelmFixture('everyday', major);
    workspace = await fs.mkdtemp(path.join(os.tmpdir(), 'helm-everyday-'));
    await removeCrd();
  });
  afterAll(async () => {
    await removeCrd();
    await fs.rm(workspace, { recursive: true, force: true });
    await fixture.close();
  });

  async function removeCrd(): Promise<void> {
    await fixture.kubectl('delete', 'crd', `widgets.${group}`, '--ignore-not-found');
  }

  async function writeChart(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    const metadata = `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`;
    for (const [file, text] of Object.entries({ 'Chart.yaml': metadata, ...files })) {
      const target = path.join(workspace, name, file);
      await fs.mkdir(path.dirname(target), { recursive: true });
      await fs.writeFile(target, text);
    }
  }

  const step = (chart: string, inputs: Readonly<Record<string, string>> = {}): Promise<StepRun> =>
    fixture.step({ chart, release: chart, ...inputs }, { workspace });

  test('that Helm 3 made takes changes which replace one half of a field by another', async () => {
    await writeChart('changing', { 'templates/all.yaml': changingChart });
    const args = ['install', 'changing', path.join(workspace, 'changing')];
    await run(
      fixture.lab.helm.v3,
      [...args, '--namespace', fixture.namespace, '--set', `image=${fixture.image},half=false`],
      { env: { ...process.env, KUBECONFIG: fixture.lab.kubeconfig } },
    );
    const { main } = await step('changing', { set: 'half=true' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    const again = await step('changing', { set: 'half=true' });
    expect(again.main.outputs).toMatchObject({ changed: 'false', revision: '2', reason: '' });
  });

  test('brings the definition of its own kinds, and upgrades it where that is wished', async () => {
    await writeChart('bringing', {
      'crds/widget.yaml': crd(group, ['size']),
      'templates/widget.yaml': widget(group, '{ size: 1 }'),
    });
    const first = await step('bringing');
    expect(first.main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(first.main.stdout).toContain('Widget/bringing: its CRD comes with the chart');
    await writeChart('bringing', {
      'crds/widget.yaml': crd(group, ['size', 'depth']),
      'templates/widget.yaml': widget(group, '{ size: 1, depth: 2 }'),
    });
    const { main } = await step('bringing', { crds: 'upgrade' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(main.stdout).toContain(`CustomResourceDefinition/widgets.${group} changes`);
    // By its whole name: other groups of this cluster may have widgets of their own.
    const depth = await fixture.kubectl(
      ...['get', `widgets.${group}`, 'bringing', '-n', fixture.namespace],
      ...['-o', 'jsonpath={.spec.depth}'],
    );
    expect(depth).toBe('2');
    const again = await step('bringing', { crds: 'upgrade' });
    expect(again.main.outputs).toMatchObject({ changed: 'false', revision: '2', reason: '' });
  });

  test('whose Secret holds the names of release and namespace keeps them in the log, and masks little', async () => {
    await writeChart('orders', { 'templates/all.yaml': secretChart });
    const { main } = await step('orders', { values: 'existingSecret: orders' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(main.visible).toContain(`Installing orders in ${fixture.namespace}`);
    expect(main.visible).toContain('is deployed and ready');
    expect(main.masks.length).toBeLessThan(1_000);
    expect(main.masks).toContain('signing-key: s3cr3t-that-is-longer-than-any-feature');
  });

  test('that names a variable twice is judged before the first write, as the way it is applied', async () => {
    await writeChart('twofold', { 'templates/all.yaml': restlessChart });
    const first = await step('twofold', { set: 'twice=false' });
    expect(first.main.outputs).toMatchObject({ status: 'deployed', revision: '1' });
    const { main } = await step('twofold', { set: 'twice=true' });
    const { said, history } = {
      v4: { said: /env: duplicate entries for key \[name="A"\]/, history: ['deployed'] },
      v3: { said: /are there twice \(A in main\)/, history: ['superseded', 'deployed'] },
    }[major];
    expect(main.annotations.map(({ message }) => message).join()).toMatch(said);
    expect(await fixture.history('twofold')).toEqual(history);
  });

  test('that nothing would change stays as it is, and others keep what they have set', async () => {
    await writeChart('restless', { 'templates/all.yaml': restlessChart });
    // Helm 4 applies on the server's side, which refuses a variable that is there twice.
    const set = `twice=${major === 'v3'}`;
    await step('restless', { set });
    const { namespace, kubectl } = fixture;
    await kubectl('wait', '--for=delete', 'job/restless', '-n', namespace, '--timeout=60s');
    await kubectl('scale', 'deployment', 'restless', '--replicas=1', '-n', namespace);
    const { main } = await step('restless', { set, 'wait-for-jobs': 'true' });
    expect(main.exitCode).toBe(0);
    expect(main.outputs).toMatchObject({ changed: 'false', revision: '1', reason: '' });
    const said = 'Deployment/restless differs at spec.replicas, set by kubectl';
    expect(main.stdout).toContain(said);
    expect(main.summary).toContain(said);
    const forced = await step('restless', { set, 'force-conflicts': 'true' });
    expect(forced.main.outputs).toMatchObject({ changed: 'true', revision: '2', reason: '' });
  });
});
