import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openHelmFixture, type HelmFixture, type StepRun } from './helm-fixture.ts';
import { workloadTemplate } from './charts/workload-template.ts';

jest.setTimeout(300_000);

const run = promisify(execFile);

/** Shows its values, and has a workload and a hook where they are asked for. */
const template = `apiVersion: v1
kind: ConfigMap
metadata: { name: '{{ .Release.Name }}' }
data: { values: '{{ omit .Values "image" | toJson }}' }
{{- if .Values.replicas }}
---
${workloadTemplate({ spec: ['replicas: {{ .Values.replicas }}'] })}{{- end }}
{{- range .Values.tests }}
---
apiVersion: {{ .api }}
kind: {{ .kind }}
metadata: { name: '{{ $.Release.Name }}-{{ .name }}', annotations: { helm.sh/hook: test } }
spec:
  {{- $pod := dict "restartPolicy" "Never" "containers" (list (dict "name" "main" "image" $.Values.image "env" .env)) }}
  {{- if eq .kind "Job" }}
  backoffLimit: 0
  template: { spec: {{ toJson $pod }} }
  {{- else }}
  {{- toYaml $pod | nindent 2 }}
  {{- end }}
{{- end }}
{{- if .Values.hook }}
---
apiVersion: batch/v1
kind: Job
metadata: { name: '{{ .Release.Name }}-hook', annotations: { helm.sh/hook: 'pre-install,pre-upgrade' } }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: main, image: '{{ .Values.image }}', env: [{ name: EXIT_CODE, value: '3' }, { name: EXIT_AFTER, value: '0' }] }]
{{- end }}
`;
const values = 'list: [{ of: chart, keep: 1 }]\nhook: false\n';
const schema = '{ "type": "object", "properties": { "size": { "type": "integer" } } }';

describe.each(['v4', 'v3'] as const)('with Helm %s', (major) => {
  let fixture: HelmFixture;
  let workspace: string;
  beforeAll(async () => {
    fixture = await openHelmFixture('options', major);
    workspace = await fs.mkdtemp(path.join(os.tmpdir(), 'helm-options-'));
    const files = {
      'Chart.yaml': 'apiVersion: v2\nname: options\nversion: 1.0.0\n',
      'values.yaml': values,
      'values.schema.json': schema,
      'templates/all.yaml': template,
    };
    for (const [name, text] of Object.entries(files)) await write(path.join('chart', name), text);
  });
  afterAll(async () => {
    await fs.rm(workspace, { recursive: true, force: true });
    await fixture.close();
  });

  async function write(name: string, text: string): Promise<string> {
    const file = path.join(workspace, name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, text);
    return file;
  }

  const step = (inputs: Readonly<Record<string, string>>): Promise<StepRun> =>
    fixture.step({ chart: 'chart', ...inputs }, { workspace });

  const get = async (...args: string[]): Promise<string> =>
    await fixture.kubectl('get', ...args, '-n', fixture.namespace);

  test('values of every kind come out as from the flags of plain Helm', async () => {
    const below = await write(
      'below.yaml',
      'list: [{ of: file, port: 80 }, { of: b }]\nf: { a: 1 }\n',
    );
    const text = await write('text.txt', 'from a file,\nwith two=lines\n');
    const server = createServer((_, response) => response.end('afar: true\nf: { b: 2 }\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v.yaml`;
    try {
      const settings = {
        'set-json': ['json={"deep":[1,null,"x"]}', 'order="json"', 'list[0].port=81'],
        set: ['list[1].of=set', 'order=set', 'list[2].of=new', 'gone=null', 'on=true'],
        'set-string': ['order=string', 'number=1', 'on=true'],
        'set-file': [`order=${text}`],
      };
      const inputs = Object.entries(settings).map(([name, lines]) => [name, lines.join('\n')]);
      const { main } = await fixture.step(
        {
          release: 'values',
          chart: 'chart',
          ...{ 'value-files': `below.yaml\n${url}`, values: 'gone: 1\ninline: yes\n' },
          ...(Object.fromEntries(inputs) as Record<string, string>),
        },
        { workspace },
      );
      expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
      const inline = await write('inline.yaml', 'gone: 1\ninline: yes\n');
      const flags = Object.entries(settings).flatMap(([name, lines]) =>
        lines.flatMap((line) => [`--${name}`, line]),
      );
      const files = [below, url, inline].flatMap((file) => ['--values', file]);
      const chart = path.join(workspace, 'chart');
      const args = ['template', 'values', chart, ...files, ...flags];
      const { stdout } = await run(fixture.lab.helm[major], args);
      const plain = /^data: { values: '(.*)' }$/m.exec(stdout)?.[1];
      const deployed = await get('configmap', 'values', '-o', 'jsonpath={.data.values}');
      expect(JSON.parse(deployed)).toEqual(JSON.parse(plain ?? ''));
    } finally {
      server.close();
    }
  });

  test('a release that is not waited for is deployed without serving, and left alone', async () => {
    const inputs = { release: 'unwaited', wait: 'false', set: 'replicas=1\nimage=REGISTRY/none:1' };
    const { main } = await step(inputs);
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    const again = await step(inputs);
    expect(again.main.outputs).toMatchObject({ status: 'deployed', changed: 'false', reason: '' });
  });

  test('hooks are run, or not where that is asked for', async () => {
    const inputs = { release: 'hooked', set: 'hook=true' };
    const failed = await step(inputs);
    expect(failed.main.outputs).toMatchObject({ status: 'uninstalled', 'rolled-back': 'true' });
    const { main } = await step({ ...inputs, hooks: 'false' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
  });

  test('a failed upgrade stays for somebody to look at, where that is asked for, and the next one works', async () => {
    const good = { release: 'kept', set: 'replicas=1' };
    await step(good);
    const bad = {
      release: 'kept',
      timeout: '10m',
      set: 'replicas=1\nimage=REGISTRY/slipway/none:1',
    };
    const { main } = await step({ ...bad, 'keep-failed': 'true' });
    expect(main.exitCode).toBe(1);
    expect(main.outputs).toMatchObject({
      status: 'failed',
      changed: 'true',
      'rolled-back': 'false',
    });
    expect(main.outputs['reason']).toMatch(/ErrImagePull|ImagePullBackOff/);
    expect(main.summary).toContain('left failed, as keep-failed asks');
    expect(await fixture.history('kept')).toEqual(['deployed', 'failed']);
    const image = 'jsonpath={.spec.template.spec.containers[0].image}';
    expect(await get('deployment', 'kept', '-o', image)).toContain('slipway/none:1');
    expect((await step(good)).main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
  });

  test('a first install that failed stays as well, also when its job is killed', async () => {
    const bad = { release: 'first', set: 'replicas=1\nimage=REGISTRY/slipway/none:1' };
    const { main, post } = await fixture.step(
      { chart: 'chart', timeout: '10m', 'keep-failed': 'true', ...bad },
      { workspace, signals: [{ signal: 'SIGKILL', afterLine: /new pods ready/ }] },
    );
    expect(main.exitCode).toBe(137);
    expect(post.exitCode).toBe(0);
    expect(await fixture.history('first')).toEqual(['failed']);
  });

  test('an object of nobody is taken over only where that is asked for', async () => {
    const { namespace, kubectl } = fixture;
    await kubectl('create', 'configmap', 'owned', '-n', namespace);
    const refused = await step({ release: 'owned' });
    expect(refused.main.exitCode).toBe(1);
    expect(refused.main.annotations.at(0)?.message).toContain('take-ownership: true');
    const { main } = await step({ release: 'owned', 'take-ownership': 'true' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
  });

  test('values that do not fit the schema are refused, unless it is not asked', async () => {
    const inputs = { release: 'unfit', set: 'size=large' };
    const refused = await step(inputs);
    expect(refused.main.exitCode).toBe(1);
    expect(refused.main.annotations.at(0)?.message).toContain('schema-validation: false');
    const { main } = await step({ ...inputs, 'schema-validation': 'false' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
  });

  test('a revision has the description and the labels that were given', async () => {
    const told = { description: '--release of "today", #42', labels: 'team=payments\ntier=back' };
    const { main } = await step({ release: 'told', ...told });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    const history = await fixture.helm('history', 'told', '-o', 'json');
    expect(JSON.parse(history)).toMatchObject([{ description: told.description }]);
    const listed = await fixture.helm('list', '--selector', 'team=payments,tier=back', '--short');
    expect(listed.trim()).toBe('told');
  });

  test.each([
    ['Pod', 'v1'],
    ['Job', 'batch/v1'],
  ])('tests of the chart (a %s) have to pass, where that is asked for', async (kind, api) => {
    const release = `tested-${kind.toLowerCase()}`;
    const tests = (code: number): string =>
      JSON.stringify([
        {
          ...{ api, kind, name: 'smoke' },
          env: [
            { name: 'EXIT_AFTER', value: '0' },
            { name: 'EXIT_CODE', value: String(code) },
            { name: 'PRINT', value: 'checkout answers 500' },
          ],
        },
      ]);
    const good = { release, test: 'true', 'set-json': `tests=${tests(0)}` };
    const { main } = await step({ ...good, set: 'a=1' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(main.stdout).toContain('1 test of the chart passed');
    const untested = await step({ release, 'set-json': `tests=${tests(4)}`, set: 'a=2' });
    expect(untested.main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    const bad = await step({ ...good, 'set-json': `tests=${tests(4)}`, set: 'a=3' });
    expect(bad.main.exitCode).toBe(1);
    expect(bad.main.outputs['reason']).toMatch(
      new RegExp(`tests of the chart failed: pod/${release}-smoke.*exit code 4`),
    );
    expect(bad.main.outputs).toMatchObject({ status: 'deployed', 'rolled-back': 'true' });
    expect(bad.main.summary).toContain('checkout answers 500');
    const values = await get('configmap', release, '-o', 'jsonpath={.data.values}');
    expect(JSON.parse(values)).toMatchObject({ a: 2 });
  });

  test('a post-renderer of the checkout changes what is deployed, with its arguments as they are', async () => {
    const program = await write(
      'with blanks/$HOME.sh',
      '#!/bin/sh\nsed "s/before-the-render/$(printf %s "$1" | base64)/"\n',
    );
    await fs.chmod(program, 0o755);
    const inputs = {
      release: 'rendered',
      set: 'a=before-the-render',
      'post-renderer': './with blanks/$HOME.sh',
      'post-renderer-args': '--$HOME, "and" more',
    };
    const { main } = await step(inputs);
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    const values = await get('configmap', 'rendered', '-o', 'jsonpath={.data.values}');
    const { a } = JSON.parse(values) as { a: string };
    expect(Buffer.from(a, 'base64').toString()).toBe('--$HOME, "and" more');
    expect((await step(inputs)).main.outputs).toMatchObject({ changed: 'false' });

    await write('with blanks/$HOME.sh', '#!/bin/sh\nexit 3\n');
    const failed = await step(inputs);
    expect(failed.main.exitCode).toBe(1);
    expect(failed.main.annotations.at(0)?.message).toContain(
      'The post-renderer did not do its work',
    );
    const absent = await step({ ...inputs, 'post-renderer': 'no-such-program' });
    expect(absent.main.annotations.at(0)?.message).toContain('no program no-such-program');
  });

  test('a release is taken away with its history where that is asked for, and so is none', async () => {
    await step({ release: 'leaving', set: 'replicas=1' });
    const inputs = { release: 'leaving', chart: '', uninstall: 'true', set: '' };
    const { main, post } = await fixture.step(inputs);
    expect(main.exitCode).toBe(0);
    expect(main.outputs).toMatchObject({ status: 'uninstalled', changed: 'true', revision: '' });
    expect(main.summary).toContain('uninstalled');
    expect(post.exitCode).toBe(0);
    expect(await fixture.history('leaving')).toEqual([]);
    expect(await get('deployment', '-l', 'app=leaving', '-o', 'name')).toBe('');
    // Helm waits for what the chart made; the pods of a deployment end behind it.
    const { namespace, kubectl } = fixture;
    await kubectl('wait', '-n', namespace, '--for=delete', 'pod', '-l', 'app=leaving');
    expect(await get('lease', '-o', 'name')).toBe('');
    const again = await fixture.step(inputs);
    expect(again.main.exitCode).toBe(0);
    expect(again.main.outputs).toMatchObject({ status: 'uninstalled', changed: 'false' });
  });

  test('a dry run says what would change, or be refused, and writes nothing', async () => {
    const { namespace, kubectl } = fixture;
    const absent = `${namespace}-absent`;
    const bare = { release: 'dry', 'dry-run': 'true' };
    const first = await step({ ...bare, namespace: absent, 'create-namespace': 'true' });
    expect(first.main.outputs).toMatchObject({ 'would-change': 'true', status: 'uninstalled' });
    expect(await kubectl('get', 'namespace', absent, '--ignore-not-found')).toBe('');

    await step({ release: 'dry', set: 'a=1' });
    const before = await get('secrets,configmaps,leases', '-o', 'jsonpath={.items[*].metadata}');
    const { main, post } = await step({ ...bare, set: 'a=2' });
    expect(main.exitCode).toBe(0);
    expect(main.outputs).toMatchObject({ changed: 'false', 'would-change': 'true', revision: '1' });
    expect(main.summary).toContain('ConfigMap/dry changes');
    expect(main.summary).toContain('dry run');
    expect(post.exitCode).toBe(0);
    const same = await step({ ...bare, set: 'a=1' });
    expect(same.main.outputs).toMatchObject({ changed: 'false', 'would-change': 'false' });
    const refused = await step({ ...bare, set: 'replicas=-1' });
    expect(refused.main.exitCode).toBe(1);
    expect(refused.main.outputs['reason']).toMatch(/Deployment/);
    const after = await get('secrets,configmaps,leases', '-o', 'jsonpath={.items[*].metadata}');
    expect(after).toBe(before);
  });

  test('a namespace that is made has the labels and annotations that were given', async () => {
    const namespace = `${fixture.namespace}-made`;
    const { kubectl } = fixture;
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
    try {
      const { main } = await step({
        namespace,
        'create-namespace': 'true',
        'namespace-labels': 'pod-security.kubernetes.io/enforce=baseline\nteam=a',
        'namespace-annotations': 'example.com/contact=a team, with a comma',
      });
      expect(main.outputs).toMatchObject({ status: 'deployed' });
      const made = await kubectl('get', 'namespace', namespace, '-o', 'json');
      expect((JSON.parse(made) as { metadata: unknown }).metadata).toMatchObject({
        labels: { 'pod-security.kubernetes.io/enforce': 'baseline', team: 'a' },
        annotations: { 'example.com/contact': 'a team, with a comma' },
      });
    } finally {
      await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
    }
  });
});
