import { describe, expect, test } from '@jest/globals';
import { upgradeRelease, type UpgradeResult } from '../../src/index.ts';
import type { ReleaseHook } from '../../src/release/index.ts';
import { manifestOf, releaseScene, whenRevision, type ReleaseScene } from '../release-scene.ts';

function hook(kind: string, apiVersion: string, more = ''): ReleaseHook {
  const name = `migrate-${kind.toLowerCase()}`;
  return {
    name,
    kind,
    events: ['pre-install'],
    manifest: `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n${more}`,
  };
}

const job = hook('Job', 'batch/v1');
const settings = hook('ConfigMap', 'v1');
const keptJob = {
  ...hook('Job', 'batch/v1', "  annotations: { helm.sh/resource-policy: 'keep' }\n"),
};

function put(scene: ReleaseScene, { name, kind }: ReleaseHook): void {
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'v1';
  scene.server.put({ apiVersion, kind, metadata: { name, namespace: 'shop' } } as never);
}

/** A first install whose image is missing; `hooks` are there once Helm has begun. */
async function failedInstall(
  scene: ReleaseScene,
  hooks: readonly ReleaseHook[],
): Promise<UpgradeResult> {
  scene.helm.setChart('app', { manifest: manifestOf('missing:1'), hooks });
  whenRevision(scene, '1 pending-install', () => {
    for (const one of hooks)
      if (
        !scene.server.objects(one.kind, 'shop').some(({ metadata }) => metadata.name === one.name)
      )
        put(scene, one);
  });
  return await scene.finish(upgradeRelease(scene.ports, scene.request()));
}

describe('a first install that failed', () => {
  test('leaves no Job of its hooks, and says what of them stays', async () => {
    const scene = releaseScene();
    expect(await failedInstall(scene, [job, settings])).toMatchObject({
      outcome: 'uninstalled',
      proven: true,
    });
    expect(scene.server.objects('Job', 'shop')).toEqual([]);
    expect(scene.server.objects('ConfigMap', 'shop')).toHaveLength(1);
    expect(scene.log.text()).toContain('these, which stay: ConfigMap/migrate-configmap');
  });

  test('leaves a Job that was there before, and one that the chart wants kept', async () => {
    const scene = releaseScene();
    put(scene, job);
    expect(await failedInstall(scene, [job])).toMatchObject({ outcome: 'uninstalled' });
    expect(scene.server.objects('Job', 'shop')).toHaveLength(1);
    const another = releaseScene();
    await failedInstall(another, [keptJob]);
    expect(another.server.objects('Job', 'shop')).toHaveLength(1);
  });

  test('is not proven to be gone while a Job cannot be taken away, which is named', async () => {
    const scene = releaseScene();
    scene.server.fault(
      { verb: 'delete', path: /jobs\/migrate-job$/ },
      {
        kind: 'refusal',
        refusal: { code: 403, reason: 'Forbidden', message: 'jobs is forbidden' },
      },
      1,
    );
    expect(await failedInstall(scene, [job])).toMatchObject({
      outcome: 'uninstalled',
      proven: false,
      doubts: expect.stringContaining('still there: Job/migrate-job: '),
    });
  });
});
