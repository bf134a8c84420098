import { describe, expect, test } from '@jest/globals';
import { upgradeRelease } from '../../src/index.ts';
import { repeatedVariables } from '../../src/merge/index.ts';
import { manifestOf, releaseScene } from '../release-scene.ts';

const withEnv = (...env: readonly [string, string][]): object => ({
  spec: {
    containers: [{ name: 'main', env: env.map(([name, value]) => ({ name, value })) }],
  },
});

describe('variables that a container names twice', () => {
  test.each<[string, object, object, readonly string[]]>([
    [
      'are told where the cluster has another list',
      withEnv(['A', '1'], ['B', '2'], ['A', '3']),
      withEnv(['A', '1']),
      ['A in main'],
    ],
    [
      'are nothing to tell where it has the very same',
      withEnv(['A', '1'], ['A', '3']),
      withEnv(['A', '1'], ['A', '3']),
      [],
    ],
    ['are none where each is named once', withEnv(['A', '1'], ['B', '1']), withEnv(), []],
  ])('%s', (_, wanted, live, told) => {
    expect(repeatedVariables(wanted as never, live as never)).toEqual(told);
  });

  test('are told before a patch on the client’s side, which is carried out all the same', async () => {
    const scene = releaseScene();
    const chart = (env: string) => ({
      manifest: manifestOf('good:1').replace("image: 'good:1' }", `image: 'good:1', env: ${env} }`),
      clientSide: true as const,
    });
    const upgrade = () => scene.finish(upgradeRelease(scene.ports, scene.request()));
    scene.helm.setChart('app', chart('[{ name: A, value: one }]'));
    await upgrade();
    scene.helm.setChart('app', chart('[{ name: A, value: one }, { name: A, value: two }]'));
    expect(await upgrade()).toMatchObject({ outcome: 'deployed', revision: 2 });
    expect(scene.log.text()).toContain(
      'Deployment/api: environment variables are there twice (A in main)',
    );
  });
});
