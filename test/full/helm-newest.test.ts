import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { kubectlOf, type Kubectl } from '../lab/cluster/kubectl.ts';
import { useLab, type Lab } from '../lab/lab.ts';
import { versions } from '../lab/build/versions.ts';

// The first use builds them from their modules: two to three minutes of two cores, once per machine.
jest.setTimeout(1_800_000);

const run = promisify(execFile);
const namespace = 'lab-helm-newest';
let lab: Lab;
let kubectl: Kubectl;
let scratch = '';

beforeAll(async () => {
  lab = await useLab();
  kubectl = kubectlOf(lab, namespace);
  scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-newest-'));
  await mkdir(path.join(scratch, 'chart', 'templates'), { recursive: true });
  const meta = 'apiVersion: v2\nname: settings\nversion: 0.1.0\n';
  await writeFile(path.join(scratch, 'chart', 'Chart.yaml'), meta);
  const template = `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data: { by: {{ .Capabilities.HelmVersion.Version }} }
`;
  await writeFile(path.join(scratch, 'chart', 'templates', 'settings.yaml'), template);
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
  await kubectl('create', 'namespace', namespace);
});

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

test.each([
  ['v4', versions.helmNewest.v4],
  ['v3', versions.helmNewest.v3],
] as const)('the newest Helm %s, %s, is built and installs a chart', async (major, version) => {
  const helm = await (major === 'v4' ? lab.helm.v4Newest() : lab.helm.v3Newest());
  const env = { HOME: scratch, PATH: process.env['PATH'], KUBECONFIG: lab.kubeconfig };
  const release = `newest-${major}`;
  const chart = path.join(scratch, 'chart');
  await run(helm, ['install', release, chart, '--namespace', namespace, '--wait'], { env });
  expect(await kubectl('get', 'configmap', release, '-o', 'jsonpath={.data.by}')).toBe(
    `v${version}`,
  );
});
