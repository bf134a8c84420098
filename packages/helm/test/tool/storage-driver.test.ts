import { describe, expect, test } from '@jest/globals';
import { InputError } from '@slipway/runtime';
import { finishInterrupted, storageDriver, upgradeRelease } from '../../src/index.ts';
import { createHelmRunner } from '../../src/tool/index.ts';
import { anotherJob, leftPending, manifestOf, releaseScene } from '../release-scene.ts';

describe('the storage that HELM_DRIVER names', () => {
  test.each<[string | undefined, string]>([
    [undefined, 'secret'],
    ['', 'secret'],
    ['secret', 'secret'],
    ['secrets', 'secret'],
    ['configmap', 'configmap'],
    ['configmaps', 'configmap'],
  ])('%j is %s', (name, driver) => {
    expect(storageDriver({ HELM_DRIVER: name })).toBe(driver);
  });

  test.each([
    ['sql', /"sql" cannot be used: .*neither recover nor roll back/],
    ['memory', /"memory" cannot be used: .*forgets every release/],
    ['ConfigMap', /"ConfigMap" cannot be used: Helm has no such driver/],
    ['constructor', /Helm has no such driver/],
  ])('%s is refused with the names that work', (name, message) => {
    const ask = (): unknown => storageDriver({ HELM_DRIVER: name });
    expect(ask).toThrow(InputError);
    expect(ask).toThrow(message);
    expect(ask).toThrow(
      expect.objectContaining({ next: expect.stringMatching(/secret .*configmap/) }),
    );
  });

  test('reaches Helm also where the environment no longer names it', async () => {
    const seen: unknown[] = [];
    const runner = createHelmRunner(
      (_file, _args, options) => {
        seen.push(options?.addEnv?.['HELM_DRIVER']);
        return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', durationMs: 0 });
      },
      { path: 'helm', version: '4.2.3', major: 4 },
      { driver: 'configmap' },
    );
    await runner.run(['list']);
    expect(seen).toEqual(['configmap']);
  });
});

describe('a release whose history is in ConfigMaps', () => {
  test('is upgraded, found unchanged, and rolled back with proof', async () => {
    const scene = releaseScene('configmap');
    const upgrade = () => scene.finish(upgradeRelease(scene.ports, scene.request()));
    expect(await upgrade()).toMatchObject({ outcome: 'deployed', revision: 1 });
    expect(await upgrade()).toMatchObject({ outcome: 'unchanged', revision: 1 });
    scene.helm.setChart('app', { manifest: manifestOf('missing:2') });
    expect(await upgrade()).toMatchObject({ outcome: 'rolled-back', revision: 3, proven: true });
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
    expect(scene.server.objects('Secret', 'shop')).toEqual([]);
  });

  test('is freed by the post step of a job that was killed', async () => {
    const scene = releaseScene('configmap');
    await scene.finish(upgradeRelease(scene.ports, scene.request()));
    const operation = await leftPending(scene, 'this-job');
    expect(await scene.history()).toEqual(['2 pending-upgrade', '1 deployed']);
    const { ports } = anotherJob(scene);
    expect(await scene.finish(finishInterrupted(ports, operation))).toMatchObject({
      did: 'undone',
      undone: { outcome: 'rolled-back', proven: true },
    });
    expect(await scene.history()).toEqual(['3 deployed', '2 failed', '1 superseded']);
  });
});
