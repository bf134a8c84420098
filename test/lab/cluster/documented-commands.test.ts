import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readPage } from '../../../tools/docs/pages/page.ts';
import { root } from '../../../tools/manifest.ts';
import { useLab, type Lab } from '../lab.ts';
import { kubectlOf, type Kubectl } from './kubectl.ts';

jest.setTimeout(300_000);

const run = promisify(execFile);
const namespace = 'lab-documented-commands';
let lab: Lab;
let kubectl: Kubectl;
let scratch = '';

beforeAll(async () => {
  lab = await useLab();
  kubectl = kubectlOf(lab, namespace);
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
  await kubectl('create', 'namespace', namespace);
  scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-documented-'));
  await mkdir(path.join(scratch, 'bin'));
  await symlink(lab.kubectl, path.join(scratch, 'bin', 'kubectl'));
  await symlink(lab.helm.v4, path.join(scratch, 'bin', 'helm'));
}, 1_800_000);

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

/** The first block of a language on a page, with its example names replaced; each must be there. */
async function blockOf(
  file: string,
  language: string,
  names: Readonly<Record<string, string>>,
): Promise<string> {
  const page = readPage(file, await readFile(path.join(root, file), 'utf8'));
  const text = page.blocks.find((block) => block.language === language)?.text ?? '';
  return Object.entries(names).reduce((block, [name, real]) => {
    if (!block.includes(name)) throw new Error(`${file} has no ${name} in its ${language} block`);
    return block.replaceAll(name, () => real);
  }, text);
}

/** Runs commands as somebody would who pastes them: in `cwd`, with the lab's cluster at hand. */
async function paste(commands: string, cwd: string): Promise<string> {
  const { PATH = '' } = process.env;
  const env = {
    ...process.env,
    PATH: `${path.join(scratch, 'bin')}:${PATH}`,
    KUBECONFIG: lab.kubeconfig,
  };
  return (await run('bash', ['-euo', 'pipefail', '-c', commands], { cwd, env })).stdout;
}

test('the commands of docs/cluster-access make an account with its rights, and no others', async () => {
  const page = 'docs/cluster-access/README.md';
  const commands = await blockOf(page, 'bash', { staging: namespace });
  const printed = await paste(commands, path.join(root, path.dirname(page)));
  const own = await readFile(lab.kubeconfig, 'utf8');
  const access = await blockOf(page, 'yaml', {
    staging: namespace,
    'https://cluster.example.com:6443': lab.apiServer,
    'LS0tLS1CRUdJTi…': /certificate-authority-data: (\S+)/.exec(own)?.[1] ?? '',
    'eyJhbGciOi…': printed.trim().split('\n').at(-1) ?? '',
  });
  const file = path.join(scratch, 'kubeconfig.yaml');
  await writeFile(file, access, { mode: 0o600 });
  const asked = kubectlOf({ kubectl: lab.kubectl, kubeconfig: file }, namespace);
  // kubectl ends with 1 when the answer is no.
  const may = async (...what: string[]): Promise<string> =>
    (
      await asked('auth', 'can-i', ...what).catch(
        (error: unknown) => (error as { stdout: string }).stdout,
      )
    ).trim();
  expect(await asked('get', 'pods', '-o', 'name')).toBe('');
  expect(await may('create', 'leases.coordination.k8s.io')).toBe('yes');
  expect(await may('create', 'pods', '--subresource=portforward')).toBe('yes');
  expect(await may('list', 'secrets', '-n', 'kube-system')).toBe('no');
});

test('the commands of docs/roll-back put the earlier values back', async () => {
  const chart = path.join(scratch, 'chart');
  await mkdir(path.join(chart, 'templates'), { recursive: true });
  await writeFile(path.join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: api\nversion: 1.0.0\n');
  await writeFile(
    path.join(chart, 'templates', 'message.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: api }\ndata: { message: "{{ .Values.message }}" }\n',
  );
  for (const message of ['good', 'sick'])
    await paste(
      `helm upgrade --install api ${chart} --namespace ${namespace} --set message=${message}`,
      scratch,
    );
  const commands = await blockOf('docs/roll-back.md', 'bash', { production: namespace, 41: '1' });
  expect(await paste(commands, scratch)).toMatch(/Upgrade complete[\s\S]*Rollback was a success/);
  expect(await kubectl('get', 'configmap', 'api', '-o', 'jsonpath={.data.message}')).toBe('good');
});
