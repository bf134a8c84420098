import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { root } from '../../tools/manifest.ts';
import { openHelmFixture, type HelmFixture } from './helm-fixture.ts';

jest.setTimeout(300_000);

describe.each(['v4', 'v3'] as const)('with Helm %s', (major) => {
  let fixture: HelmFixture;
  let server: string;
  let ca: string;
  beforeAll(async () => {
    fixture = await openHelmFixture('access', major);
    server = fixture.lab.apiServer;
    ca = /certificate-authority-data: (\S+)/.exec(fixture.kubeconfigText)?.[1] ?? '';
    await fixture.kubectl('create', 'serviceaccount', 'nobody', '-n', fixture.namespace);
    await fixture.kubectl('create', 'serviceaccount', 'deployer', '-n', fixture.namespace);
    await fixture.kubectl(
      ...['create', 'role', 'deployer', '-n', fixture.namespace],
      '--verb=get,list,create,update,patch,delete',
      '--resource=secrets,configmaps,services,deployments.apps',
    );
    await fixture.kubectl(
      ...['create', 'role', 'waiter', '-n', fixture.namespace, '--verb=get,list'],
      '--resource=pods,replicasets.apps',
    );
    for (const role of ['deployer', 'waiter'])
      await fixture.kubectl(
        ...['create', 'rolebinding', role, '-n', fixture.namespace, `--role=${role}`],
        `--serviceaccount=${fixture.namespace}:deployer`,
      );
  });
  afterAll(() => fixture.close());

  function kubeconfig(token: string, to = server): string {
    return [
      'apiVersion: v1',
      'kind: Config',
      'current-context: c',
      `clusters: [{ name: c, cluster: { server: "${to}", certificate-authority-data: ${ca} } }]`,
      `users: [{ name: u, user: { token: "${token}" } }]`,
      'contexts: [{ name: c, context: { cluster: c, user: u } }]',
      '',
    ].join('\n');
  }
  async function token(account: string): Promise<string> {
    return (await fixture.kubectl('create', 'token', account, '-n', fixture.namespace)).trim();
  }

  test('an account without rights gets an error that names the right and what to grant', async () => {
    const secret = await token('nobody');
    const { main, post } = await fixture.step({ kubeconfig: kubeconfig(secret) });
    expect(main.exitCode).toBe(1);
    expect(main.annotations.find(({ level }) => level === 'error')?.message).toMatch(
      /nobody" cannot (list|get) resource "secrets"/,
    );
    expect(main.visible + main.summary + post.visible).not.toContain(secret);
  });

  test('an account with no more rights than Helm needs deploys, and is told that nothing is locked', async () => {
    const { main } = await fixture.step({ kubeconfig: kubeconfig(await token('deployer')) });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    const warnings = main.annotations.filter(({ level }) => level === 'warning');
    expect(warnings.map(({ title }) => title)).toEqual(['No lock']);
  });

  test('an account with the role of docs/cluster-access deploys, locks, names causes and rolls back', async () => {
    const { namespace, kubectl } = fixture;
    const role = path.join(root, 'docs', 'cluster-access', 'helm-atomic-upgrade.yaml');
    await kubectl('apply', '-n', namespace, '-f', role);
    await kubectl('create', 'serviceaccount', 'slipway', '-n', namespace);
    await kubectl(
      ...['create', 'rolebinding', 'slipway-upgrade', '-n', namespace, '--role=slipway-upgrade'],
      `--serviceaccount=${namespace}:slipway`,
    );
    const access = kubeconfig(await token('slipway'));
    const good = await fixture.step({ kubeconfig: access, set: 'message=by role' });
    expect(good.main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    expect(good.main.annotations).toEqual([]);
    const sick = await fixture.step({
      kubeconfig: access,
      set: 'message=sick\nenv.EXIT_AFTER=0\nenv.EXIT_CODE=7',
    });
    expect(sick.main.outputs['reason']).toContain('exit code 7');
    expect(sick.main.outputs).toMatchObject({ 'rolled-back': 'true', proof: 'proven' });
  });

  test('an account that may not read EndpointSlices gets a rollback that is not proven, with the right named', async () => {
    const { namespace, kubectl } = fixture;
    const role = path.join(root, 'docs', 'cluster-access', 'helm-atomic-upgrade.yaml');
    const less = path.join(await fs.mkdtemp(path.join(os.tmpdir(), 'role-')), 'role.yaml');
    const text = await fs.readFile(role, 'utf8');
    await fs.writeFile(less, text.replace('[endpointslices]', '[none]'));
    await kubectl('apply', '-n', namespace, '-f', less);
    await fs.rm(path.dirname(less), { recursive: true });
    const access = kubeconfig(await token('slipway'));
    const { main } = await fixture.step({ kubeconfig: access, set: 'image=Not A Name' });
    expect(main.outputs).toMatchObject({ 'rolled-back': 'true', proof: 'not-proven' });
    expect(main.summary).toContain('grant list on endpointslices.discovery.k8s.io');
  });

  test('a token that has expired or never was one is told from missing rights', async () => {
    const { main } = await fixture.step({ kubeconfig: kubeconfig('not-a-token-of-this-cluster') });
    expect(main.exitCode).toBe(1);
    expect(main.annotations[0]?.message).toMatch(/401|Unauthorized/);
    expect(main.annotations[0]?.message).toMatch(/expired|credentials/);
  });

  test('a cluster that does not answer is named at once', async () => {
    const { main } = await fixture.step(
      { kubeconfig: kubeconfig('x'.repeat(20), 'https://127.0.0.1:9') },
      { timeoutMs: 30_000 },
    );
    expect(main.exitCode).toBe(1);
    expect(main.annotations[0]?.message).toContain('127.0.0.1:9 could not be reached');
  });

  test.each([
    ['text that is no kubeconfig', 'hello: world', /kubeconfig/],
    ['a file that is not there', './absent.yaml', /absent\.yaml cannot be read/],
  ])('%s is refused as an input', async (_, text, message) => {
    const { main } = await fixture.step({ kubeconfig: text });
    expect(main.exitCode).toBe(1);
    expect(main.annotations[0]?.message).toMatch(message);
  });

  test('the kubeconfig lies in a file of mode 0600 until post has removed it, and is masked', async () => {
    const secret = await token('deployer');
    const { main, post } = await fixture.step({ kubeconfig: kubeconfig(secret), set: 'message=x' });
    expect(main.exitCode).toBe(0);
    const state = JSON.parse(
      Object.values(main.state).find((one) => one.includes('access')) ?? '{}',
    ) as {
      value: { access: { kubeconfigPath: string }; folder: string };
    };
    expect(post.exitCode).toBe(0);
    await expect(fs.stat(path.dirname(state.value.access.kubeconfigPath))).rejects.toThrow(
      'ENOENT',
    );
    await expect(fs.stat(state.value.folder)).rejects.toThrow('ENOENT');
    expect(JSON.stringify(main.state)).not.toContain(secret);
    expect(main.masks).toContain(secret);
  });

  test('secrets in values and in rendered Secrets are masked wherever they turn up', async () => {
    const { main } = await fixture.step({
      timeout: '10m',
      set: 'secret=correct-horse-battery\nenv.EXIT_AFTER=0\nenv.EXIT_CODE=1\nenv.PRINT=my password is correct-horse-battery',
    });
    expect(main.exitCode).toBe(1);
    expect(main.masks).toContain('correct-horse-battery');
    expect(main.visible).not.toContain('correct-horse-battery');
  });

  test('no value can become a flag or a second setting', async () => {
    const { main } = await fixture.step({
      set: 'message=--post-renderer=/bin/false,replicas=5\nenv.A=--kubeconfig=/etc/passwd',
    });
    expect(main.outputs).toMatchObject({ status: 'deployed' });
    const message = await fixture.kubectl(
      ...['get', 'configmap', 'web', '-n', fixture.namespace, '-o', 'jsonpath={.data.message}'],
    );
    expect(message).toBe('--post-renderer=/bin/false,replicas=5');
  });

  test('bad inputs are all named at once', async () => {
    const { main } = await fixture.step({
      release: '--evil',
      chart: '../../etc',
      timeout: 'soon',
      set: 'x',
    });
    expect(main.exitCode).toBe(1);
    const [error] = main.annotations;
    for (const name of ['release', 'chart', 'timeout', 'set'])
      expect(error?.message).toContain(`${name}: `);
  });
});
