import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openReleaseStore } from '@slipway/helm';
import type { Deployment } from '@slipway/kube';
import { runnerGraceMs } from '@slipway/testing';
import { eventually } from '../lab/cluster/kubectl.ts';
import { openHelmFixture, type HelmFixture } from './helm-fixture.ts';

jest.setTimeout(300_000);

const chart = path.resolve(import.meta.dirname, '..', 'fixtures', 'charts', 'web');

describe.each(['v4', 'v3'] as const)('with Helm %s', (major) => {
  let fixture: HelmFixture;
  beforeAll(async () => {
    fixture = await openHelmFixture('recovery', major);
  });
  afterAll(() => fixture.close());
  afterEach(async () => {
    await fixture.helm('uninstall', 'web', '--ignore-not-found');
  });

  /** The generation of the Deployment, which grows with each change of what is wanted; 0 without one. */
  async function generation(): Promise<number> {
    const path = `/apis/apps/v1/namespaces/${fixture.namespace}/deployments`;
    const [web] = await fixture.kube.list<Deployment>(path);
    return web?.metadata?.generation ?? 0;
  }

  /**
   * A plain Helm that waits for pods that never get ready, and is killed as a lost runner would: once it has
   * applied what it had to, for it records the revision before that.
   */
  async function killPlainHelm(env = 'env.NEVER_READY=1'): Promise<void> {
    const before = await generation();
    const child = spawn(
      fixture.lab.helm[major],
      ['upgrade', '--install', 'web', chart, '-n', fixture.namespace, '--wait'].concat([
        ...['--set', `image=${fixture.image}`, '--set-string', env],
      ]),
      { env: { ...process.env, KUBECONFIG: fixture.lab.kubeconfig }, stdio: 'ignore' },
    );
    await eventually(
      () => fixture.history('web'),
      (statuses) => statuses.at(-1)?.startsWith('pending-') === true,
    );
    await eventually(generation, (now) => now > before);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async function makeOlder(minutes: number): Promise<void> {
    const store = openReleaseStore(fixture.kube, 'web', fixture.namespace);
    const [newest] = await store.history();
    if (newest === undefined) throw new Error('There is no revision.');
    const before = new Date(Date.now() - minutes * 60_000).toISOString();
    newest.record.info.last_deployed = before;
    await store.mark(newest, newest.status, 'made older by the test');
  }

  test('a first install that fails is taken away, and the next one works', async () => {
    const bad = await fixture.step({ timeout: '10m', set: 'image=REGISTRY/slipway/none:1' });
    expect(bad.main.exitCode).toBe(1);
    expect(bad.main.outputs).toMatchObject({ status: 'uninstalled', revision: '' });
    expect(bad.main.outputs['rolled-back']).toBe('true');
    expect(bad.main.outputs['reason']).toMatch(/ErrImagePull|ImagePullBackOff/);
    expect(await fixture.history('web')).toEqual([]);
    const good = await fixture.step({});
    expect(good.main.outputs).toMatchObject({ status: 'deployed', revision: '1' });
  });

  test.each([
    ['passes by itself is tried again', 'etcdserver: leader changed', '2', 0],
    [
      'passes by itself is not tried again with max-retries: 0',
      'etcdserver: leader changed',
      '0',
      1,
    ],
    ['does not pass by itself is not tried again', 'services "web" already exists', '2', 1],
  ])('a failure that %s', async (_, message, retries, exitCode) => {
    await fixture.step({});
    // Stands in front of Helm and fails its first real upgrade, after it asked the cluster as Helm does.
    const folder = await mkdtemp(path.join(os.tmpdir(), 'helm-flaky-'));
    const helm = fixture.lab.helm[major];
    const script = [
      '#!/bin/sh',
      `mark=${folder}/failed`,
      'case "$*" in',
      '  *--dry-run*) ;;',
      '  upgrade*) if [ ! -e "$mark" ]; then',
      '    : > "$mark"',
      `    ${helm} status web -n ${fixture.namespace} >/dev/null`,
      `    echo 'Error: UPGRADE FAILED: ${message}' >&2`,
      '    exit 1',
      '  fi ;;',
      'esac',
      `exec ${helm} "$@"`,
      '',
    ];
    await writeFile(path.join(folder, 'helm'), script.join('\n'), { mode: 0o755 });
    const { main } = await fixture.step(
      { set: 'message=after', 'max-retries': retries },
      { env: { PATH: `${folder}:${fixture.path}` } },
    );
    await rm(folder, { recursive: true });
    expect(main.exitCode).toBe(exitCode);
    expect(main.stdout.includes('failed for a passing reason, next in')).toBe(exitCode === 0);
    expect((await fixture.history('web')).at(-1)).toBe('deployed');
  });

  test('a release that a killed Helm left pending is recovered when it is old enough', async () => {
    await fixture.step({});
    await killPlainHelm();
    await makeOlder(11);
    const { main } = await fixture.step({ set: 'message=after' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    expect(main.summary).toContain('left pending by a job that died');
    expect(await fixture.history('web')).toEqual(['superseded', 'failed', 'deployed']);
  });

  test('a pending first install is recovered too', async () => {
    await killPlainHelm();
    await makeOlder(11);
    const { main } = await fixture.step({});
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    // Helm calls what was failed `superseded` when nothing was deployed before.
    expect(await fixture.history('web')).toEqual(['superseded', 'deployed']);
    const history = await openReleaseStore(fixture.kube, 'web', fixture.namespace).history();
    expect(history[1]?.record.info.description).toMatch(/^Failed: left pending-install/);
  });

  test('a young pending revision of another Helm is waited for, never broken', async () => {
    await fixture.step({});
    await killPlainHelm();
    const { main } = await fixture.step({ timeout: '8s', set: 'message=after' });
    expect(main.exitCode).toBe(1);
    expect(main.outputs['reason']).toMatch(
      /Another Helm holds revision 2 of web \(pending-upgrade/,
    );
    expect(await fixture.history('web')).toEqual(['deployed', 'pending-upgrade']);
  });

  test('a young pending revision is recovered once nothing is left to do for whoever made it', async () => {
    await fixture.step({});
    await killPlainHelm('env.READY_AFTER=6');
    const { main } = await fixture.step({ timeout: '90s', set: 'message=after' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(main.stdout).toContain('Waiting for another Helm, which holds revision 2');
    expect(main.stdout).toContain('nobody finishes it');
    expect(await fixture.history('web')).toEqual(['superseded', 'failed', 'deployed']);
  });

  test('the lock of a live job is respected: the second waits for the first and then finds nothing to do', async () => {
    await fixture.step({});
    const same = { set: 'message=both\nenv.READY_AFTER=10' };
    const locked = Promise.withResolvers<undefined>();
    const running = fixture.step(same, {
      onOutput: (piece) => piece.includes('Upgrading web') && locked.resolve(undefined),
    });
    await Promise.race([locked.promise, running]);
    const [first, second] = await Promise.all([running, fixture.step(same)]);
    const changed = [first, second].map(({ main }) => main.outputs['changed']).sort();
    expect(changed).toEqual(['false', 'true']);
    expect(first.main.stdout + second.main.stdout).toContain(
      'Waiting for acme/shop/runs/1/1/test/',
    );
    expect(await fixture.history('web')).toEqual(['superseded', 'deployed']);
  });

  test('a live holder that does not end in time is named', async () => {
    await fixture.step({});
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'slipway-web' },
      spec: {
        holderIdentity: 'acme/shop/runs/7/1/deploy/abc',
        leaseDurationSeconds: 20,
        renewTime: new Date().toISOString().replace('Z', '000Z'),
      },
    };
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${fixture.namespace}/leases`;
    await fixture.kube.create(leases, lease);
    const { main } = await fixture.step({ timeout: '6s', set: 'message=after' });
    await fixture.kube.delete(`${leases}/slipway-web`);
    expect(main.exitCode).toBe(1);
    expect(main.outputs['reason']).toContain('acme/shop/runs/7/1/deploy/abc, which is alive');
    expect(await fixture.history('web')).toEqual(['deployed']);
  });

  describe('a main step that is cut off', () => {
    const cut = { afterLine: 'Upgrading web' } as const;

    async function expectBack(statuses: readonly string[]): Promise<void> {
      expect(await fixture.history('web')).toEqual(statuses);
      const lease = await fixture.kubectl('get', 'lease', '-n', fixture.namespace, '-o', 'name');
      expect(lease.trim()).toBe('');
      const image = await fixture.kubectl(
        ...['get', 'deployment', 'web', '-n', fixture.namespace, '-o'],
        'jsonpath={.spec.template.spec.containers[0].env}{.status.readyReplicas}',
      );
      expect(image).toBe('1');
    }

    test('by SIGINT hands over, and post rolls back and proves it', async () => {
      await fixture.step({});
      const { main, post } = await fixture.step(
        { set: 'env.NEVER_READY=1' },
        { signals: [{ signal: 'SIGINT', afterLine: /new pods ready/ }] },
      );
      expect(main.exitCode).toBe(130);
      expect(main.sinceSignalMs).toBeLessThan(runnerGraceMs);
      expect(post.exitCode).toBe(0);
      expect(post.summary).toContain('rolled back, revision 3 is deployed and proven');
      await expectBack(['superseded', 'failed', 'deployed']);
    });

    test('by SIGKILL while Helm waits leaves a Helm running, which post stops before it rolls back', async () => {
      await fixture.step({});
      const { main, post } = await fixture.step(
        { set: 'env.NEVER_READY=1' },
        { signals: [{ signal: 'SIGKILL', afterLine: /new pods ready/ }] },
      );
      expect(main.exitCode).toBe(137);
      expect(post.stdout).toContain('Stopping the Helm that the cancelled step left running');
      expect(post.summary).toContain('rolled back, revision 3 is deployed and proven');
      await expectBack(['superseded', 'failed', 'deployed']);
    });

    test('by SIGKILL just before Helm starts leaves nothing that is not as before', async () => {
      await fixture.step({});
      const { post } = await fixture.step(
        { set: 'env.NEVER_READY=1' },
        { signals: [{ signal: 'SIGKILL', ...cut }] },
      );
      expect(post.exitCode).toBe(0);
      const statuses = await fixture.history('web');
      expect(statuses.at(-1)).toBe('deployed');
    });

    test('in a first install is taken away by post', async () => {
      const { main, post } = await fixture.step(
        { set: 'env.NEVER_READY=1' },
        { signals: [{ signal: 'SIGINT', afterLine: /new pods ready/ }] },
      );
      expect(main.exitCode).toBe(130);
      expect(post.summary).toContain('the first install was taken away again');
      expect(await fixture.history('web')).toEqual([]);
    });

    test('and whose post is cut off too is recovered by the next run at once', async () => {
      await fixture.step({});
      const scratch = await fixture.cutOffStep({ set: 'env.NEVER_READY=1' }, /new pods ready/);
      expect(scratch.exitCode).toBe(137);
      await fixture.killStrayHelm();
      const { main } = await fixture.step({ set: 'message=next' });
      expect(main.stdout).toContain('gives no sign of life; taking over');
      expect(main.stdout).toContain('the job that worked on it is dead');
      expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    });
  });
});
