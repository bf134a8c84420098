import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openChartWorkspace, type ChartWorkspace } from '../charts/chart-workspace.ts';
import { openHelmFixture, type HelmFixture } from '../helm-fixture.ts';

jest.setTimeout(300_000);

/** No pods: all is said by the API server. */
const template = `apiVersion: apps/v1
kind: Deployment
metadata: { name: '{{ .Release.Name }}' }
spec:
  replicas: {{ .Values.replicas | default 0 }}
  selector: { matchLabels: { app: '{{ .Values.app | default "app" }}' } }
  template:
    metadata: { labels: { app: '{{ .Values.app | default "app" }}' } }
    spec:
      containers:
        - {{- toYaml (merge (dict "name" "main" "image" .Values.image) (.Values.container | default dict)) | nindent 10 }}
---
apiVersion: v1
kind: Secret
metadata: { name: '{{ .Release.Name }}' }
data: { key: '{{ .Values.key | default "a2V5" }}' }
`;

/** What only the API server refuses, and what it says. */
const refusals: readonly (readonly [what: string, values: string, says: RegExp])[] = [
  [
    'a quantity that is none',
    'container: { resources: { limits: { memory: 12x } } }',
    /quantities/,
  ],
  ['text where a number belongs', 'replicas: two', /replicas/],
  ['a number where text belongs', 'container: { env: [{ name: A, value: 1 }] }', /env/],
  ['a word that is not among its values', 'container: { imagePullPolicy: Sometimes }', /Sometimes/],
  [
    'a mount of no volume',
    'container: { volumeMounts: [{ name: none, mountPath: /x }] }',
    /volumeMounts/,
  ],
  [
    'the name of a port that can be none',
    'container: { readinessProbe: { tcpSocket: { port: No_Port } } }',
    /port/,
  ],
  ['a field that cannot change', 'app: other', /selector/],
  ['what is no base64', 'key: "!"', /base64/],
];

describe.each(['v4', 'v3'] as const)('with Helm %s', (major) => {
  let fixture: HelmFixture;
  let charts: ChartWorkspace;
  beforeAll(async () => {
    fixture = await openHelmFixture('refused', major);
    charts = await openChartWorkspace();
    await charts.write('app', template);
    const { main } = await step('');
    if (main.exitCode !== 0) throw new Error(main.stdout);
  });
  afterAll(async () => {
    await charts.close();
    await fixture.close();
  });

  const step = (values: string) =>
    fixture.step({ release: 'app', chart: 'app', values }, { workspace: charts.folder });

  test.each(refusals)('%s is told before the first write', async (_, values, says) => {
    const { main } = await step(values);
    expect(main.exitCode).toBe(1);
    expect(main.outputs['reason']).toMatch(says);
    expect(main.outputs['reason-code']).toMatch(/^(Refused|RenderFailed)$/);
    expect(await fixture.history('app')).toEqual(['deployed']);
  });
});
