import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openHelmFixture, type HelmFixture, type StepRun } from '../helm-fixture.ts';
import { workloadTemplate } from '../charts/workload-template.ts';

jest.setTimeout(300_000);

const template = `${workloadTemplate({
  spec: ['replicas: 1'],
  container: [
    "env: [{ name: LEVEL, value: '{{ .Values.level }}' }]",
    'ports: [{ containerPort: 8080 }]',
  ],
})}---
apiVersion: v1
kind: Service
metadata: { name: '{{ .Release.Name }}' }
spec: { selector: { app: '{{ .Release.Name }}' }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Secret
metadata: { name: '{{ .Release.Name }}' }
stringData: { password: '{{ .Values.password }}', user: api }
{{- if .Values.claim }}
---
apiVersion: v1
kind: PersistentVolume
metadata: { name: '{{ .Release.Namespace }}' }
spec:
  capacity: { storage: 1Mi }
  accessModes: [ReadWriteOnce]
  storageClassName: ''
  hostPath: { path: /tmp/{{ .Release.Namespace }} }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: '{{ .Release.Name }}-data' }
spec:
  volumeName: '{{ .Release.Namespace }}'
  storageClassName: ''
  accessModes: [ReadWriteOnce]
  resources: { requests: { storage: 1Mi } }
{{- end }}
`;

const files = {
  'Chart.yaml': 'apiVersion: v2\nname: diffed\nversion: 1.0.0\n',
  'values.yaml': "level: info\npassword: ''\nclaim: false\n",
  'templates/all.yaml': template,
};

describe.each(['v4', 'v3'] as const)('with Helm %s what an upgrade changes', (major) => {
  let fixture: HelmFixture;
  let workspace: string;
  beforeAll(async () => {
    fixture = await openHelmFixture('changes', major);
    await removeVolume();
    workspace = await fs.mkdtemp(path.join(os.tmpdir(), 'helm-changes-'));
    for (const [file, text] of Object.entries(files)) {
      const target = path.join(workspace, 'diffed', file);
      await fs.mkdir(path.dirname(target), { recursive: true });
      await fs.writeFile(target, text);
    }
  });
  afterAll(async () => {
    await fs.rm(workspace, { recursive: true, force: true });
    await removeVolume();
    await fixture.close();
  });

  /** It belongs to no namespace. */
  async function removeVolume(): Promise<void> {
    const options = ['--ignore-not-found', '--wait=false'];
    await fixture.kubectl('delete', 'pv', fixture.namespace, ...options);
  }

  const step = (inputs: Readonly<Record<string, string>>): Promise<StepRun> =>
    fixture.step({ release: 'diffed', chart: 'diffed', ...inputs }, { workspace });

  test('is told field by field, without what the cluster adds, and secrets as hashes', async () => {
    await step({ set: 'password=correct-horse-1' });
    const { main } = await step({ set: 'password=correct-horse-2\nlevel=debug' });
    expect(main.outputs).toMatchObject({ changed: 'true', reason: '', 'reason-code': '' });
    expect(main.outputs['diff']?.split('\n')).toEqual([
      '~ Secret/diffed',
      expect.stringMatching(/^ {2}~ data\.password: \(secret \w{8}\) → \(secret \w{8}\)$/),
      '~ Deployment/diffed',
      '  ~ spec.template.spec.containers[main].env[LEVEL].value: "info" → "debug"',
    ]);
    expect(main.summary).toContain('level = &quot;debug&quot;  (chart &lt; set)');
    expect(JSON.parse(main.outputs['timings'] ?? '')).toMatchObject({
      render: expect.any(Number),
      upgrade: expect.any(Number),
    });
  });

  test('names the field and the value that brought a rollout down', async () => {
    await step({});
    const { main } = await step({ set: 'image=REGISTRY/slipway/none:v7' });
    expect(main.outputs).toMatchObject({ 'rolled-back': 'true', proof: 'proven' });
    expect(main.outputs['reason-code']).toMatch(/^(?:ErrImagePull|ImagePullBackOff)$/);
    expect(main.summary).toMatch(/\| brought by \| Deployment\/diffed<br>.*image.*none:v7/);
    expect(main.summary).toMatch(/\| from values \| image .*none:v7.*set/);
  });

  test('and cannot be undone is warned of, and refused where that is wished', async () => {
    const first = await step({ set: 'claim=true' });
    expect(first.main.outputs).toMatchObject({ status: 'deployed', reason: '' });
    const refused = await step({ set: 'claim=false', irreversible: 'refuse' });
    expect(refused.main.outputs).toMatchObject({ 'reason-code': 'Refused' });
    const claim = 'PersistentVolumeClaim/diffed-data goes away';
    expect(refused.main.outputs['reason']).toContain(claim);
    const { main } = await step({ set: 'claim=false' });
    expect(main.outputs).toMatchObject({ status: 'deployed', reason: '' });
    expect(main.outputs['diff']).toContain('- PersistentVolumeClaim/diffed-data');
    expect(main.summary).toContain(claim);
    expect(main.annotations.map(({ title }) => title)).toContain('Not reversible');
  });
});
