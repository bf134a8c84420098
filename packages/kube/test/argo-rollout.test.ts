import { describe, expect, test } from '@jest/globals';
import { fakeApiServer, steppedClock } from '@slipway/testing';
import { parseWorkload, readWorkload, type KubeObject } from '../src/index.ts';

type Any = KubeObject & Readonly<Record<string, unknown>>;

const argo = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  kind: 'Rollout',
  resource: 'rollouts',
  namespaced: true,
  status: true,
  generation: true,
};
const hash = 'rollouts-pod-template-hash';
const ref = parseWorkload('rollout/api', 'shop');

function replicaSet(name: string, uid: string, owner: string): Any {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: 'shop',
      uid,
      labels: { app: 'api', [hash]: name },
      ownerReferences: [
        {
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'Rollout',
          name: 'api',
          uid: owner,
          controller: true,
        },
      ],
    },
    spec: { template: { spec: { containers: [{ name: 'main', image: `api:${name}` }] } } },
  };
}

function start(status: object, spec: object = {}) {
  const clock = steppedClock();
  const server = fakeApiServer({ clock, namespaces: ['shop'], kinds: [argo] });
  server.put<Any>({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'api', namespace: 'shop', uid: 'ro' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'api' } }, ...spec },
    status: { observedGeneration: '1', currentPodHash: 'new', ...status },
  });
  server.put(replicaSet('old', 'rs-old', 'ro'));
  server.put(replicaSet('new', 'rs-new', 'ro'));
  server.put(replicaSet('other', 'rs-other', 'somebody'));
  return readWorkload(server.client(), ref);
}

describe('a Rollout of Argo Rollouts', () => {
  test('is read with the replica set of its current pods', async () => {
    expect(await start({ phase: 'Healthy', availableReplicas: 2 })).toMatchObject({
      rollout: { done: true, failed: false },
      revision: 'new',
      owners: ['rs-new', 'rs-old'],
      current: { owner: 'rs-new' },
      desired: 2,
      template: { containers: [{ image: 'api:new' }] },
    });
  });

  test.each<[string, object, object, object]>([
    [
      'at work is not done',
      { phase: 'Progressing', message: 'more replicas need to be updated' },
      {},
      {
        rollout: { done: false, failed: false, message: expect.stringContaining('more replicas') },
      },
    ],
    [
      'that is degraded has failed, by its own words',
      { phase: 'Degraded', message: 'RolloutAborted: metric "errors" failed' },
      {},
      { rollout: { failed: true, message: expect.stringContaining('RolloutAborted') } },
    ],
    [
      'that its controller has not seen is not healthy by an old status',
      { phase: 'Healthy', observedGeneration: '0' },
      {},
      { rollout: { done: false, failed: false }, unseen: true },
    ],
    [
      'that is paused at a step is waited for',
      { phase: 'Paused', message: 'CanaryPauseStep' },
      {},
      { rollout: { done: false, failed: false }, hold: { kind: 'pause' } },
    ],
    [
      'that is paused by its spec is held back',
      { phase: 'Paused' },
      { paused: true },
      { hold: { kind: 'nothing' } },
    ],
    [
      'of 0 replicas is nothing to verify',
      { phase: 'Healthy' },
      { replicas: 0 },
      { hold: { kind: 'nothing' } },
    ],
  ])('%s', async (_, status, spec, expected) => {
    expect(await start(status, spec)).toMatchObject(expected);
  });
});
