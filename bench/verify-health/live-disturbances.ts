import type { VerifyFixture } from '../../test/rollout/verify/verify-fixture.ts';

/** What happens to pods of a good release while it is verified: the ordinary life of a cluster. */
export type Disturbance = (fixture: VerifyFixture) => Promise<void>;

async function podsOf(fixture: VerifyFixture): Promise<readonly string[]> {
  const names = await fixture.kubectl(
    'get',
    'pods',
    '-l',
    'app.kubernetes.io/name=api',
    '-o',
    'name',
  );
  return names
    .trim()
    .split('\n')
    .map((name) => name.replace('pod/', ''));
}

async function firstPodOf(fixture: VerifyFixture): Promise<string> {
  const [pod] = await podsOf(fixture);
  if (pod === undefined) throw new Error('The release has no pod that anything could happen to.');
  return pod;
}

async function evict({ kube, namespace }: VerifyFixture, pod: string): Promise<void> {
  await kube.create(`/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: pod, namespace },
  });
}

/** All that `kubectl drain` does to a pod; the lab's only node is not cordoned. */
export const drain: Disturbance = async (fixture) => evict(fixture, await firstPodOf(fixture));

/** A drain of a node with two of the pods, one as soon as the one before is told to go. */
export const drainOfTwo: Disturbance = async (fixture) => {
  for (const pod of (await podsOf(fixture)).slice(0, 2)) await evict(fixture, pod);
};

/**
 * What becomes of a pod whose node is lost, from the cluster's point of view: it is gone at once, without being told
 * to stop, and another one is made. The lab has one node, which cannot be lost.
 */
export const nodeLoss: Disturbance = async (fixture) => {
  const pod = await firstPodOf(fixture);
  await fixture.kubectl('delete', 'pod', pod, '--force', '--grace-period=0', '--wait=false');
};

/** A pod that somebody deletes. */
export const deletion: Disturbance = async (fixture) => {
  await fixture.kubectl('delete', 'pod', await firstPodOf(fixture), '--wait=false');
};

/** An autoscaler that takes pods away, or makes more. */
export const scaleTo =
  (replicas: number): Disturbance =>
  async (fixture) => {
    await fixture.kubectl('scale', 'deployment/api', `--replicas=${replicas}`);
  };
