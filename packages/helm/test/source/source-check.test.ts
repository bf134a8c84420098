import { describe, expect, test } from '@jest/globals';
import {
  commitLabel,
  deployedCommits,
  openReleaseStore,
  rehearseUpgrade,
  rollbackRelease,
  SourceRefusedError,
  upgradeRelease,
  type CommitHistory,
  type Source,
  type StorageDriver,
  type UpgradeResult,
} from '../../src/index.ts';
import { anotherJob, manifestOf, releaseScene, type ReleaseScene } from '../release-scene.ts';

const [first, second, third] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
];
const order = [first, second, third];

/** A history of one line; what is not in it is unknown. */
const commits: CommitHistory = {
  relate: (ours, deployed) => {
    const [own, other] = [order.indexOf(ours), order.indexOf(deployed)];
    if (own < 0 || other < 0) return Promise.resolve({ kind: 'unknown', why: 'it is not there' });
    if (own === other) return Promise.resolve({ kind: 'same' });
    return Promise.resolve({ kind: own > other ? 'newer' : 'older' });
  },
  describe: (commit) => Promise.resolve(`commit-${commit.slice(0, 3)}`),
};

function sourceOf(commit: string, more: Partial<Source> = {}): Source {
  return { commit, policy: 'enforce', allowOlder: false, commits, ...more };
}

/** Deploys the image with a commit. */
async function deploy(
  scene: ReleaseScene,
  image: string,
  source: Source | undefined,
): Promise<UpgradeResult> {
  scene.helm.setChart('app', { manifest: manifestOf(image) });
  return await scene.finish(upgradeRelease(scene.ports, scene.request({ source })));
}

/** The label of each revision, the newest first. */
async function stamps(scene: ReleaseScene, driver?: StorageDriver) {
  const store = openReleaseStore(scene.server.client(), 'api', 'shop', driver);
  return (await store.history()).map(({ labels }) => labels[commitLabel]?.slice(0, 3));
}

/** A release of two revisions, of the first and of the third commit. */
async function deployedTwice(): Promise<ReleaseScene> {
  const scene = releaseScene();
  await deploy(scene, 'good:1', sourceOf(first));
  await deploy(scene, 'good:3', sourceOf(third));
  return scene;
}

describe('a release that is deployed from commits', () => {
  test('has each of them on its revision, and tells the one before', async () => {
    const scene = releaseScene();
    expect((await deploy(scene, 'good:1', sourceOf(first))).deployedCommit).toBeUndefined();
    const result = await deploy(scene, 'good:2', sourceOf(second));
    expect(result).toMatchObject({ outcome: 'deployed', deployedCommit: first });
    expect(await stamps(scene)).toEqual(['222', '111']);
  });

  test('refuses an older one before anything is rendered or written, and names both', async () => {
    const scene = await deployedTwice();
    const commands = scene.helm.commands.length;
    const before = scene.server.objects('Secret', 'shop');
    const refused = deploy(scene, 'good:2', sourceOf(second));
    await expect(refused).rejects.toBeInstanceOf(SourceRefusedError);
    await expect(refused).rejects.toMatchObject({
      title: 'Stale commit',
      deployedCommit: third,
      message:
        'api in shop is deployed from commit commit-333, which would be overwritten by the older commit-222.',
    });
    expect(scene.helm.commands).toHaveLength(commands);
    expect(scene.server.objects('Secret', 'shop')).toEqual(before);
    expect(scene.server.objects('Lease', 'shop')).toEqual([]);
    const rehearsal = rehearseUpgrade(scene.ports, scene.request({ source: sourceOf(second) }));
    await expect(rehearsal).rejects.toMatchObject({ title: 'Stale commit' });
  });

  test('takes the same one again, and an older one that is asked for', async () => {
    const scene = await deployedTwice();
    expect(await deploy(scene, 'good:3', sourceOf(third))).toMatchObject({ outcome: 'unchanged' });
    const back = sourceOf(second, { allowOlder: true });
    expect(await deploy(scene, 'good:2', back)).toMatchObject({ outcome: 'deployed' });
    expect(await stamps(scene)).toEqual(['222', '333', '111']);
    expect(scene.log.text()).toContain('as allow-older asks');
  });

  test('only warns of an older one where that is wished', async () => {
    const scene = await deployedTwice();
    await deploy(scene, 'good:2', sourceOf(second, { policy: 'warn' }));
    expect(scene.log.text()).toContain('overwritten by the older commit-222');
    expect(await scene.history()).toContain('3 deployed');
  });

  test('does not count one that failed, and has the stamp back that it rolled back to', async () => {
    const scene = releaseScene();
    await deploy(scene, 'good:1', sourceOf(second));
    const failed = await deploy(scene, 'missing:2', sourceOf(third));
    expect(failed).toMatchObject({ outcome: 'rolled-back', deployedCommit: second });
    expect(await stamps(scene)).toEqual(['222', '333', '222']);
    await expect(deploy(scene, 'good:0', sourceOf(first))).rejects.toThrow('the older commit-111');
    expect(await deploy(scene, 'good:2', sourceOf(third))).toMatchObject({ outcome: 'deployed' });
  });

  test('can take the newer one again after a rollback on request', async () => {
    const scene = await deployedTwice();
    const rollback = { release: 'api', namespace: 'shop', timeoutMs: 60_000 };
    await scene.finish(rollbackRelease(scene.ports, rollback));
    expect(await stamps(scene)).toEqual(['111', '333', '111']);
    expect(await deploy(scene, 'good:3', sourceOf(third))).toMatchObject({ outcome: 'deployed' });
  });

  test('is compared by the last that worked where a rollback was cut off', async () => {
    const scene = await deployedTwice();
    const store = openReleaseStore(scene.server.client(), 'api', 'shop');
    const [newest] = await store.history();
    if (newest === undefined) throw new Error('There is no revision.');
    await store.mark(newest, 'failed', 'Failed and being rolled back: unhealthy');
    const older = sourceOf('0'.repeat(40));
    await expect(deploy(scene, 'good:0', older)).rejects.toThrow('commit-111');
    expect(await deploy(scene, 'good:2', sourceOf(second))).toMatchObject({ outcome: 'deployed' });
  });

  test.each(['secret', 'configmap'] as const)(
    'in a %s is stamped anew by a commit that changes nothing, so that none between goes over it',
    async (driver) => {
      const scene = releaseScene(driver);
      await deploy(scene, 'good:1', sourceOf(first));
      expect(await deploy(scene, 'good:1', sourceOf(third))).toMatchObject({
        outcome: 'unchanged',
        deployedCommit: first,
      });
      expect(await stamps(scene, driver)).toEqual(['333']);
      expect(await scene.history()).toEqual(['1 deployed']);
      await expect(deploy(scene, 'good:2', sourceOf(second))).rejects.toThrow('older commit-222');
    },
  );

  test('keeps its stamp through an upgrade that names no commit', async () => {
    const scene = await deployedTwice();
    expect(await deploy(scene, 'good:4', undefined)).toMatchObject({ deployedCommit: third });
    await expect(deploy(scene, 'good:1', sourceOf(first))).rejects.toThrow('older commit-111');
  });

  test('that says of no commit is upgraded, which is told', async () => {
    const scene = releaseScene();
    await deploy(scene, 'good:1', undefined);
    expect(await deploy(scene, 'good:2', sourceOf(first))).toMatchObject({ outcome: 'deployed' });
    expect(scene.log.text()).toContain('Revision 1 does not say which commit it was made of');
  });

  test.each([
    ['of another repository', '9'.repeat(40), 'it is not there'],
    ['that is none', '-u.x', 'which is no commit'],
  ])('with a stamp %s is refused until it is stamped anew by name', async (_, label, why) => {
    const scene = releaseScene();
    await deploy(scene, 'good:1', sourceOf(first));
    const store = openReleaseStore(scene.server.client(), 'api', 'shop');
    const [newest] = await store.history();
    if (newest !== undefined) await store.label(newest, { [commitLabel]: label });
    const refused = deploy(scene, 'good:2', sourceOf(second));
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.toMatchObject({ title: 'Commits cannot be compared' });
    await deploy(scene, 'good:2', sourceOf(second, { allowOlder: true }));
    expect((await stamps(scene))[0]).toBe('222');
  });

  test('lets of two jobs at once only the newer one have the last word', async () => {
    const scene = releaseScene();
    await deploy(scene, 'good:1', sourceOf(first));
    scene.helm.setChart('app', { manifest: manifestOf('good:3') });
    const newer = upgradeRelease(scene.ports, scene.request({ source: sourceOf(third) }));
    const late = upgradeRelease(
      anotherJob(scene).ports,
      scene.request({ source: sourceOf(second), owner: 'other-job' }),
    );
    const [won, lost] = await scene.finish(Promise.allSettled([newer, late]));
    expect(won).toMatchObject({ value: { outcome: 'deployed' } });
    expect(lost).toMatchObject({ reason: { title: 'Stale commit', deployedCommit: third } });
    expect(await scene.history()).toEqual(['2 deployed', '1 superseded']);
  });

  test('is compared again before the first write where no lock keeps others out', async () => {
    const scene = releaseScene();
    await deploy(scene, 'good:1', sourceOf(first));
    scene.server.forbid('create', 'leases');
    scene.helm.setChart('app', { manifest: manifestOf('good:2') });
    let looked = 0;
    const overtaken: CommitHistory = {
      ...commits,
      relate: async (ours, deployed) => {
        looked += 1;
        return looked === 1 ? { kind: 'newer' } : await commits.relate(ours, deployed);
      },
    };
    const store = openReleaseStore(scene.server.client(), 'api', 'shop');
    const [newest] = await store.history();
    if (newest !== undefined) await store.label(newest, { [commitLabel]: third });
    const source = sourceOf(second, { commits: overtaken });
    await expect(deploy(scene, 'good:2', source)).rejects.toThrow('older commit-222');
    expect(await scene.history()).toEqual(['1 deployed']);
  });

  test('by a Helm that cannot label is deployed with a warning', async () => {
    const scene = releaseScene();
    scene.helm.tool.version = '3.12.3';
    expect(await deploy(scene, 'good:1', sourceOf(first))).toMatchObject({ outcome: 'deployed' });
    expect(scene.log.text()).toContain('Helm 3.12.3 cannot label a release');
    expect(await stamps(scene)).toEqual([undefined]);
  });
});

describe('the commits of the releases of a namespace', () => {
  test('are those that are deployed', async () => {
    const scene = await deployedTwice();
    await deploy(scene, 'missing:4', sourceOf(third));
    const found = await deployedCommits(scene.server.client(), 'shop');
    expect([...found]).toEqual([
      [
        'api',
        {
          ...{ revision: 4, stamp: { kind: 'commit', commit: third } },
          ...{ sinceMs: expect.any(Number), overtaken: false },
        },
      ],
    ]);
    expect(found.get('api')?.sinceMs).toBeGreaterThan(0);
    expect(await deployedCommits(scene.server.client(), 'other')).toEqual(new Map());
  });

  test.each(['failed', 'pending-upgrade', 'pending-rollback'])(
    'tell of a later revision that is %s',
    async (status) => {
      const scene = await deployedTwice();
      scene.server.put({
        ...{ apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1' },
        metadata: {
          ...{ name: 'sh.helm.release.v1.api.v3', namespace: 'shop' },
          labels: { owner: 'helm', status, name: 'api', version: '3' },
        },
      });
      const found = await deployedCommits(scene.server.client(), 'shop');
      expect(found.get('api')).toMatchObject({ revision: 2, overtaken: true });
    },
  );
});
