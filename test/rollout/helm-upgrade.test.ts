import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openHelmFixture, type HelmFixture } from './helm-fixture.ts';
import { servingPods } from '../lab/cluster/kubectl.ts';

jest.setTimeout(300_000);

describe.each(['v4', 'v3'] as const)('an upgrade with Helm %s', (major) => {
  let fixture: HelmFixture;
  beforeAll(async () => {
    fixture = await openHelmFixture('upgrade', major);
    await fixture.step({ set: 'message=first' });
  });
  afterAll(() => fixture.close());

  /** Templates of the pods that serve: one when a rollout is over. */
  async function templateHashes(): Promise<string[]> {
    const pods = await servingPods(fixture.kubectl, fixture.namespace, 'app=web');
    return [...new Set(pods.map(({ templateHash }) => templateHash))];
  }

  test('that differs makes one revision and says which objects change', async () => {
    const { main } = await fixture.step({ set: 'message=second\nreplicas=2' });
    expect(main.exitCode).toBe(0);
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(main.outputs['rolled-back']).toBe('false');
    expect(Number(main.outputs['revision'])).toBe(Number(main.outputs['previous-revision']) + 1);
    expect(main.stdout).toContain('ConfigMap/web changes, Deployment/web changes');
    await fixture.step({ set: 'message=first' });
  });

  test('that does not differ makes no revision', async () => {
    const before = await fixture.history('web');
    const { main } = await fixture.step({ set: 'message=first' });
    expect(main.exitCode).toBe(0);
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'false', reason: '' });
    expect(await fixture.history('web')).toEqual(before);
  });

  test('puts back what somebody changed in the cluster, though chart and values are the same', async () => {
    await fixture.kubectl(
      ...['patch', 'configmap', 'web', '-n', fixture.namespace],
      ...['--type=merge', '-p', '{"data":{"message":"by hand"}}'],
    );
    const { main } = await fixture.step({ set: 'message=first', 'force-conflicts': 'true' });
    expect(main.outputs).toMatchObject({ changed: 'true', status: 'deployed' });
    expect(main.stdout).toContain('ConfigMap/web differs at data.message');
    const now = await fixture.kubectl(
      ...['get', 'configmap', 'web', '-n', fixture.namespace, '-o', 'jsonpath={.data.message}'],
    );
    expect(now).toBe('first');
  });

  test('makes again what somebody deleted', async () => {
    await fixture.kubectl('delete', 'service', 'web', '-n', fixture.namespace);
    const { main } = await fixture.step({ set: 'message=first' });
    expect(main.stdout).toContain('Service/web missing');
    expect(main.outputs).toMatchObject({ changed: 'true', status: 'deployed' });
  });

  test.each([
    {
      name: 'an image that does not exist',
      set: 'image=REGISTRY/slipway/none:1',
      cause: /pod\/web-\S+, container web: (ErrImagePull|ImagePullBackOff): .*not found/,
    },
    {
      name: 'a container that ends at its start',
      set: 'env.EXIT_AFTER=0\nenv.EXIT_CODE=7',
      cause: /pod\/web-\S+, container web: CrashLoopBackOff: ends with exit code 7/,
    },
    {
      name: 'a container that uses more memory than it may',
      set: 'env.EAT=1\nresources.limits.memory=24Mi',
      cause: /pod\/web-\S+, container web: OOMKilled: used more than its memory limit of 24Mi/,
    },
    {
      name: 'a ConfigMap that is missing',
      set: 'envFrom=absent',
      cause:
        /pod\/web-\S+, container web: CreateContainerConfigError: configmap "absent" not found/,
    },
    {
      name: 'an image name that is none',
      set: 'image=Not A Name',
      cause: /pod\/web-\S+, container web: InvalidImageName: /,
    },
  ])('gives up on $name with the cause, and proves the rollback', async ({ set, cause }) => {
    const hashes = await templateHashes();
    expect(hashes).toHaveLength(1);
    const { main } = await fixture.step({ timeout: '10m', set: `message=bad\n${set}` });
    expect(main.exitCode).toBe(1);
    expect(main.outputs['reason']).toMatch(cause);
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    expect(main.outputs['rolled-back']).toBe('true');
    expect(main.summary).toMatch(/rolled back to revision \d+ and proven/);
    expect(main.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(await templateHashes()).toEqual(hashes);
    const history = await fixture.history('web');
    expect(history.slice(-2)).toEqual(['failed', 'deployed']);
  });

  test('shows the last lines of the container that crashes, and they cannot command the runner', async () => {
    const { main } = await fixture.step({
      timeout: '10m',
      set: [
        'env.EXIT_AFTER=0',
        'env.EXIT_CODE=1',
        'env.PRINT=::error::owned <img src=x onerror=alert(1)>',
      ].join('\n'),
    });
    expect(main.exitCode).toBe(1);
    expect(main.summary).toContain('owned &lt;img src=x');
    expect(main.summary).not.toContain('<img');
    expect(main.annotations.map(({ message }) => message).join()).not.toMatch(/^owned/m);
  });

  test('names the readiness probe when pods never become ready within the timeout', async () => {
    const { main } = await fixture.step({ timeout: '20s', set: 'env.NEVER_READY=1' });
    expect(main.exitCode).toBe(1);
    expect(main.outputs['reason']).toMatch(
      /not ready within 20s .*ReadinessProbeFailed: .*statuscode: 503/,
    );
    expect(main.outputs['rolled-back']).toBe('true');
    expect(main.summary).toContain('and proven');
  });

  test('does not take a container for broken that crashed once and recovered', async () => {
    const { main } = await fixture.step({ set: 'env.CRASH_ONCE=/scratch/crashed' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    const restarts = await fixture.kubectl(
      ...['get', 'pods', '-n', fixture.namespace, '-l', 'app=web', '-o'],
      'jsonpath={.items[*].status.containerStatuses[*].restartCount}',
    );
    expect(restarts).toContain('1');
  });

  test('finds before the first write that a field cannot change, and says what to do', async () => {
    const before = await fixture.history('web');
    const { main } = await fixture.step({ set: 'message=bad\nselector.tier=back' });
    expect(main.exitCode).toBe(1);
    expect(main.outputs['reason']).toMatch(/would refuse Deployment\/web: .*field is immutable/);
    expect(main.annotations[0]?.message).toContain('Give the object a new name');
    expect(await fixture.history('web')).toEqual(before);
  });

  test('gives up when no node fits, with the scheduler saying why', async () => {
    const { main } = await fixture.step({
      timeout: '10m',
      'fail-fast': 'strict',
      set: 'nodeSelector.disk=ssd',
    });
    expect(main.outputs['reason']).toMatch(/pod\/web-\S+: Unschedulable: .*didn't match/);
    expect(main.outputs['rolled-back']).toBe('true');
  });

  test.each([
    ['pre-upgrade', 'before-hook-creation'],
    ['post-upgrade', 'hook-failed'],
  ])('names the job of a failing %s hook (%s)', async (event, deletePolicy) => {
    const { main } = await fixture.step({
      values: `hook: { event: ${event}, deletePolicy: ${deletePolicy}, env: { EXIT_AFTER: 0.5, EXIT_CODE: 4, PRINT: migrating } }`,
    });
    expect(main.exitCode).toBe(1);
    expect(main.outputs['reason']).toMatch(/hooks failed.*web-migrate/);
    expect(main.outputs['rolled-back']).toBe('true');
    expect((await fixture.history('web')).at(-1)).toBe('deployed');
  });

  test('gives up on a hook whose image does not exist instead of waiting for it', async () => {
    const { main } = await fixture.step({
      timeout: '10m',
      values: 'hook: { event: pre-upgrade, image: "REGISTRY/slipway/none:1" }',
    });
    expect(main.outputs['reason']).toMatch(
      /pod\/web-migrate-\S+, container migrate: (ErrImagePull|ImagePullBackOff)/,
    );
    expect((await fixture.history('web')).at(-1)).toBe('deployed');
  });
});
