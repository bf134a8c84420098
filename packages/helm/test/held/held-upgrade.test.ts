import { describe, expect, test } from '@jest/globals';
import { upgradeRelease, type Scratch } from '../../src/index.ts';
import { manifestOf, releaseScene, whenRevision, type ReleaseScene } from '../release-scene.ts';

async function upgrade(scene: ReleaseScene, more = {}) {
  const request = scene.request({ scratch: scene.scratch, ...more });
  return await scene.finish(upgradeRelease(scene.ports, request));
}

/** A release of revision 1 that serves, and a chart that has a newer image. */
async function installed(image = 'good:2'): Promise<ReleaseScene> {
  const scene = releaseScene();
  await upgrade(scene);
  scene.helm.setChart('app', { manifest: manifestOf(image) });
  return scene;
}

/** The commands of Helm after the installation. */
const commands = ({ helm }: ReleaseScene): readonly string[] => helm.commands.slice(2);

describe('an upgrade whose Helm is held before its first write', () => {
  test('is rendered and carried out by one Helm', async () => {
    const scene = await installed();
    expect(scene.helm.commands).toEqual(['upgrade --dry-run', 'upgrade']);
    expect(await upgrade(scene)).toMatchObject({ outcome: 'deployed', revision: 2, attempts: 1 });
    expect(commands(scene)).toEqual(['upgrade']);
    expect(await scene.history()).toEqual(['2 deployed', '1 superseded']);
  });

  test('writes nothing when nothing differs', async () => {
    const scene = releaseScene();
    await upgrade(scene);
    const before = scene.server.requests.length;
    expect(await upgrade(scene)).toMatchObject({ outcome: 'unchanged', changed: false });
    expect(commands(scene)).toEqual(['upgrade']);
    expect(await scene.history()).toEqual(['1 deployed']);
    const changed = scene.server.requests
      .slice(before)
      .filter(
        ({ verb, path }) =>
          !['get', 'list', 'watch', 'discover'].includes(verb) && !path.includes('leases'),
      );
    expect(changed).toEqual([]);
  });

  test('writes nothing when the cluster would refuse it', async () => {
    const scene = await installed();
    const refusal = { code: 422, reason: 'Invalid', message: 'field is immutable' };
    scene.server.fault({ verb: 'apply', path: /deployments\/api$/ }, { kind: 'refusal', refusal });
    await expect(upgrade(scene)).rejects.toThrow(/The cluster would refuse Deployment\/api/);
    expect(commands(scene)).toEqual(['upgrade']);
    expect(await scene.history()).toEqual(['1 deployed']);
  });

  test('that fails before is a chart that does not render', async () => {
    const scene = await installed();
    scene.helm.failNext('upgrade', 'Error: UPGRADE FAILED: template: app/x.yaml:1: nil pointer');
    await expect(upgrade(scene)).rejects.toThrow(/^api cannot be upgraded: template: app\/x.yaml/);
    expect(await scene.history()).toEqual(['1 deployed']);
  });

  test('is tried again when it fails before for a passing reason, as often as the user allows', async () => {
    const scene = await installed();
    scene.helm.failNext('upgrade', 'Error: UPGRADE FAILED: etcdserver: leader changed');
    expect(await upgrade(scene)).toMatchObject({ outcome: 'deployed', revision: 2 });
    expect(commands(scene)).toEqual(['upgrade', 'upgrade']);
    scene.helm.setChart('app', { manifest: manifestOf('good:3') });
    scene.helm.failNext('upgrade', 'Error: UPGRADE FAILED: etcdserver: leader changed');
    await expect(upgrade(scene, { maxRetries: 0 })).rejects.toThrow('leader changed');
  });

  test('is tried again by a Helm of its own after a passing failure', async () => {
    const scene = await installed();
    scene.helm.failNext('upgrade', 'Error: etcdserver: leader changed', 'applied');
    expect(await upgrade(scene)).toMatchObject({ outcome: 'deployed', revision: 3, attempts: 2 });
    expect(commands(scene)).toEqual(['upgrade', 'upgrade']);
  });

  test('is told to stop when its rollout is broken, and rolled back', async () => {
    const scene = await installed('missing:2');
    expect(await upgrade(scene)).toMatchObject({
      outcome: 'rolled-back',
      revision: 3,
      proven: true,
      cause: { reason: 'ImagePullBackOff' },
    });
    expect(commands(scene)).toEqual(['upgrade', 'rollback']);
  });

  test('is done by two where Helm cannot come through here', async () => {
    const scene = await installed();
    scene.helm.wrap('no loopback');
    expect(await upgrade(scene)).toMatchObject({ outcome: 'deployed', revision: 2, attempts: 1 });
    expect(commands(scene)).toEqual(['upgrade', 'upgrade --dry-run', 'upgrade']);
  });

  test('is done by two where a post-renderer may need the kubeconfig as it is', async () => {
    const scene = await installed();
    const plan = { ...scene.request().plan, postRenderer: { program: '/bin/cat', args: [] } };
    expect(await upgrade(scene, { plan })).toMatchObject({ outcome: 'deployed', revision: 2 });
    expect(commands(scene)).toEqual(['upgrade --dry-run', 'upgrade']);
  });

  test('does not say that nothing was changed of a Helm that went to the cluster by itself', async () => {
    const scene = await installed();
    scene.helm.wrap('own cluster');
    await expect(upgrade(scene)).rejects.toMatchObject({
      message: expect.stringMatching(/^Helm ended well and stored no revision of api through/),
      title: 'The release may have changed',
      next: expect.stringContaining('helm history api'),
    });
    expect(await scene.history()).toEqual(['2 deployed', '1 superseded']);
  });

  test('is ended when something else goes wrong while it renders', async () => {
    const scene = await installed();
    const files = { written: 0, removed: 0 };
    const scratch: Scratch = {
      write: async (text) => {
        files.written += 1;
        return await scene.scratch.write(text);
      },
      remove: async (file) => {
        await scene.scratch.remove(file);
        files.removed += 1;
      },
    };
    const { kube } = scene.ports;
    const get = async <T>(...asked: Parameters<typeof kube.get>): Promise<T> => {
      if (asked[0] === '/version') throw new Error('unforeseen');
      return await kube.get<T>(...asked);
    };
    const needs = { kubeVersion: true, kinds: false };
    const readInputs = () => Promise.resolve({ digest: 'of the chart', needs });
    const ports = { ...scene.ports, kube: { ...kube, get } };
    const work = upgradeRelease(ports, scene.request({ scratch, readInputs }));
    await expect(scene.finish(work)).rejects.toThrow('unforeseen');
    await scene.clock.advance(1_000);
    expect(files).toEqual({ written: 1, removed: 1 });
  });

  test('ends with a cancel, before and after it is let go', async () => {
    const scene = await installed('slow:2');
    whenRevision(scene, '2 pending-upgrade', () => scene.cancel.abort(new Error('cancelled')));
    await expect(upgrade(scene)).rejects.toThrow('cancelled');
    expect(await scene.history()).toEqual(['2 failed', '1 deployed']);
    const other = await installed();
    const onBegin = (): void => other.cancel.abort(new Error('cancelled'));
    await expect(upgrade(other, { onBegin })).rejects.toThrow('cancelled');
    expect(await other.history()).toEqual(['1 deployed']);
  });
});
