import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { BundleOptions } from '@slipway/testing';
import { openHelmFixture, type HelmFixture, type StepRun } from '../helm-fixture.ts';

jest.setTimeout(300_000);

/** What must never be read anywhere, in any case; no part of it is a word of ours. */
const canary = 'zq7xkanary';
const secret = `s3cr3t-${canary}-9`;

const chartFiles: Readonly<Record<string, string>> = {
  'templates/all.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: {{ .Values.replicas | default 0 }}
  minReadySeconds: 5
  selector: { matchLabels: { app: {{ .Values.app | default "web" }} } }
  template:
    metadata: { labels: { app: {{ .Values.app | default "web" }} } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: '{{ .Values.image }}'
          env: [{{ .Values.env }}]
---
apiVersion: v1
kind: Secret
metadata: { name: web }
immutable: true
stringData: { note: {{ .Values.note | default "first" | quote }} }
`,
};

type Inputs = Readonly<Record<string, string>>;

/** One way to fail: what differs from the sound chart and inputs, and what is said of it. */
interface WayToFail {
  inputs?: Inputs;
  files?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  says: RegExp;
}

const broken = `note: fine\npassword: ${secret}\n  bad: ${secret}\n`;
const template = (text: string) => ({ 'templates/more.yaml': text });

const ways: Readonly<Record<string, WayToFail>> = {
  'values that are no YAML': {
    inputs: { values: broken },
    says: /values is not valid YAML \(line 3, column \d+\)/,
  },
  'values with an alias to nothing': {
    inputs: { values: `a: *${secret}` },
    says: /values is not valid YAML \(line 1, column \d+\): an alias/,
  },
  'values that are a text': {
    inputs: { values: secret },
    says: /values is not a YAML mapping/,
  },
  'a values file that is no YAML': {
    inputs: { 'value-files': 'web/bad.yaml' },
    files: { 'bad.yaml': broken },
    says: /bad\.yaml is not valid YAML \(line 3, column \d+\)/,
  },
  'a setting without a key': {
    inputs: { set: secret },
    says: /set: setting \d+ cannot be used/,
  },
  'a setting with a malformed index': {
    inputs: { set: `a[${secret}]=${secret}` },
    says: /set: setting \d+ cannot be used/,
  },
  "a chart's values that are no YAML": {
    files: { 'values.yaml': broken },
    says: /values\.yaml: .*yaml: line 3/,
  },
  'a template whose output is no YAML': {
    inputs: { values: `env: '"${secret} { [: x'` },
    says: /YAML parse error on web\/templates\/all\.yaml: .*yaml: line \d+/,
  },
  'a function that quotes what it cannot read': {
    inputs: { values: `day: ${secret}` },
    files: template('{{ mustToDate "2006" .Values.day }}'),
    says: /templates\/more\.yaml.*error calling mustToDate/,
  },
  'a value that is no template': {
    inputs: { values: `text: '${secret} {{ .x | nothing }}'` },
    files: template('{{ tpl .Values.text . }}'),
    says: /templates\/more\.yaml.*error calling tpl/,
  },
  'a chart that names the value in its own refusal': {
    inputs: { values: `db: { password: ${secret} }` },
    files: template('{{ fail (printf "weak password %s" .Values.db.password) }}'),
    says: /weak password \*\*\*/,
  },
  'a value that the schema refuses': {
    inputs: { values: `pin: ${secret}` },
    files: {
      'values.schema.json': '{"properties":{"pin":{"pattern":"^[0-9]+$","type":"string"}}}',
    },
    says: /schema.*(?:d|D)oes not match pattern/,
  },
  'an environment variable that is no text': {
    inputs: { values: `env: '{ name: A, value: [${secret}] }'` },
    says: /\.value|EnvVar/,
  },
  'an environment variable that the API refuses': {
    inputs: {
      values: `env: '{ name: A, value: ${secret}, valueFrom: { fieldRef: { fieldPath: metadata.name } } }'`,
    },
    says: /env\[0\]\.valueFrom/,
  },
  'a kubeconfig that is no YAML': {
    inputs: { kubeconfig: `apiVersion: v1\nkind: Config\nusers:\n- token: ${secret}\n  : [` },
    says: /kubeconfig.*line \d+/,
  },
  'a kubeconfig whose token is not accepted': {
    inputs: { kubeconfig: 'TOKEN' },
    says: /401|Unauthorized|credentials/i,
  },
  'a chart of a registry that has none, with a login': {
    inputs: { chart: 'oci://REGISTRY/charts/none', 'chart-version': '1.0.0' },
    says: /not found|404/i,
  },
};

describe.each(['v4', 'v3'] as const)('with Helm %s no secret is told', (major) => {
  let fixture: HelmFixture;
  let workspace: string;
  beforeAll(async () => {
    fixture = await openHelmFixture('canary', major);
    workspace = await fs.mkdtemp(path.join(os.tmpdir(), 'helm-canary-'));
  });
  afterAll(async () => {
    await fs.rm(workspace, { recursive: true, force: true });
    await fixture.close();
  });

  async function writeChart(more: Readonly<Record<string, string>>): Promise<void> {
    await fs.rm(path.join(workspace, 'web'), { recursive: true, force: true });
    const metadata = 'apiVersion: v2\nname: web\nversion: 1.0.0\n';
    for (const [file, text] of Object.entries({ 'Chart.yaml': metadata, ...chartFiles, ...more })) {
      const target = path.join(workspace, 'web', file);
      await fs.mkdir(path.dirname(target), { recursive: true });
      await fs.writeFile(target, text);
    }
  }

  /** The lab's kubeconfig with a token that nobody knows in place of its certificate. */
  function withToken(): string {
    return fixture.kubeconfigText
      .replace(/client-certificate(?:-data)?: .*/g, `token: ${secret}`)
      .replace(/^ *client-key(?:-data)?: .*\n/gm, '');
  }

  async function step({ inputs = {}, files = {}, env = {} }: Partial<WayToFail>): Promise<StepRun> {
    await writeChart(files);
    const { registry } = fixture.lab;
    const given = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        value === 'TOKEN' ? withToken() : value.replaceAll('REGISTRY', registry),
      ]),
    );
    // A login of the registry, in the place where Helm looks for one.
    const config = path.join(workspace, 'registry.json');
    const auth = Buffer.from(`robot:${secret}`).toString('base64');
    await fs.writeFile(config, JSON.stringify({ auths: { [registry]: { auth } } }));
    const options: Partial<BundleOptions> = {
      workspace,
      env: { HELM_REGISTRY_CONFIG: config, ...env },
    };
    return await fixture.step({ chart: 'web', ...given }, options);
  }

  /** Everything that is left of a step for others to read. */
  function told({ main, post }: StepRun): string {
    return [main, post]
      .flatMap((run) => [
        ...[run.visible, run.stderr, run.summary],
        ...[run.outputs, run.state, run.exportedEnv].map((record) => JSON.stringify(record)),
      ])
      .join('\n');
  }

  test.each(Object.entries(ways))('by %s', async (_, way) => {
    const run = await step(way);
    expect(run.main.exitCode).toBe(1);
    expect(run.main.outputs['reason']).toMatch(way.says);
    expect(told(run)).not.toContain(canary);
    expect(told(run)).not.toContain(Buffer.from(secret).toString('base64').slice(4, -4));
  });

  test('by a Secret that cannot change', async () => {
    await step({});
    const run = await step({ inputs: { set: `note=${secret}` } });
    expect(run.main.outputs['reason']).toMatch(/Secret\/web.*immutable/);
    expect(told(run)).not.toContain(canary);
  });

  test('by a container that prints its secret and ends', async () => {
    const print = `{ name: PRINT, value: 'the password is ${secret}' }`;
    const env = `${print}, { name: DB_PASSWORD, value: ${secret} }, { name: EXIT_AFTER, value: '1' }, { name: EXIT_CODE, value: '1' }`;
    const values = `replicas: 1\nenv: >-\n  ${env}\n`;
    const run = await step({ inputs: { values } });
    expect(run.main.outputs['reason']).toMatch(/exit code 1/);
    expect(run.main.summary).toContain('the password is ***');
    expect(told(run)).not.toContain(canary);
  });
});
