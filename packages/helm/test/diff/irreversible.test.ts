import { describe, expect, test } from '@jest/globals';
import { ActionError } from '@slipway/runtime';
import { irreversibleChanges } from '../../src/diff/index.ts';
import { upgradeRelease } from '../../src/index.ts';
import type { Json } from '../../src/merge/index.ts';
import { manifestOf, releaseScene, type ReleaseScene } from '../release-scene.ts';

const claim = (storage: string, policy?: string): Json => ({
  kind: 'PersistentVolumeClaim',
  metadata: {
    name: 'data',
    annotations: policy === undefined ? {} : { 'helm.sh/resource-policy': policy },
  },
  spec: { resources: { requests: { storage } } },
});
const crd: Json = { kind: 'CustomResourceDefinition', metadata: { name: 'x' } };
const service: Json = { kind: 'Service', metadata: { name: 'x' } };

test.each<[string, Json | undefined, Json | undefined, RegExp]>([
  ['a claim that goes away', claim('1Gi'), undefined, /its data may go/],
  ['a claim that Helm keeps', claim('1Gi', 'keep'), undefined, /^reversible/],
  ['a claim that is no longer kept', claim('1Gi', 'keep'), claim('1Gi'), /resource-policy: keep/],
  ['a smaller claim', claim('1Gi'), claim('1000M'), /becomes smaller/],
  ['a larger claim', claim('1000M'), claim('1Gi'), /^reversible/],
  ['a definition that goes away', crd, undefined, /every object of its kind/],
  ['a service that goes away', service, undefined, /^reversible/],
  ['a new claim', undefined, claim('1Gi'), /^reversible/],
])('%s', (_, before, after, said) => {
  const [change = 'reversible'] = irreversibleChanges([{ object: 'it', before, after }]);
  expect(change).toMatch(said);
});

describe('an upgrade that takes a claim away', () => {
  async function withClaim(): Promise<ReleaseScene> {
    const scene = releaseScene();
    const more =
      '---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data }\nspec: {}\n';
    scene.helm.setChart('app', { manifest: manifestOf('good:1', more) });
    await scene.finish(upgradeRelease(scene.ports, scene.request()));
    scene.helm.setChart('app', { manifest: manifestOf('good:1') });
    return scene;
  }

  test('is carried out with a warning, as plain Helm carries it out', async () => {
    const scene = await withClaim();
    const result = await scene.finish(upgradeRelease(scene.ports, scene.request()));
    expect(result).toMatchObject({
      outcome: 'deployed',
      changes: {
        diff: '- PersistentVolumeClaim/data',
        irreversible: [expect.stringContaining('PersistentVolumeClaim/data goes away')],
      },
    });
    expect(scene.log.text()).toContain('warning: No rollback brings this back: Persistent');
  });

  test('is refused before the first change where that is wished', async () => {
    const scene = await withClaim();
    const request = scene.request({ irreversible: 'refuse' });
    await expect(scene.finish(upgradeRelease(scene.ports, request))).rejects.toThrow(ActionError);
    expect(await scene.history()).toEqual(['1 deployed']);
    expect(scene.server.objects('PersistentVolumeClaim', 'shop')).toHaveLength(1);
  });
});
