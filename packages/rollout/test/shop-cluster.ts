import type { KubeObject, Pod, WorkloadRef } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import { fakeApiServer } from '@slipway/testing';
import { podOf, type Shape } from './recorded.ts';

/** The deployment that these tests follow. */
export const api: WorkloadRef = { kind: 'deployment', name: 'api', namespace: 'shop' };

type Kinds = NonNullable<Parameters<typeof fakeApiServer>[0]['kinds']>;

const labels = { app: 'api' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'api:1' }] } };
const selector = { matchLabels: labels };

/** A cluster with the namespace shop and further kinds, whose controllers are played by hand. */
export function shopCluster(clock: Clock, kinds: Kinds = []) {
  const server = fakeApiServer({ clock, namespaces: ['shop'], kinds });
  const within = (name: string) => ({ name, namespace: 'shop' });
  const putDeployment = (replicas: number, available: number): void => {
    server.put<KubeObject & Readonly<Record<string, unknown>>>({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        ...within('api'),
        uid: 'd',
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': 'very-secret',
          'meta.helm.sh/release-name': 'shop',
        },
      },
      spec: { replicas, selector, template },
      status: {
        observedGeneration: 1,
        replicas,
        updatedReplicas: replicas,
        availableReplicas: available,
      },
    });
    server.put<KubeObject & Readonly<Record<string, unknown>>>({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        ...within('api-r1'),
        uid: 'rs',
        labels: { ...labels, 'pod-template-hash': 'r1' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', uid: 'd', controller: true },
        ],
      },
      spec: { replicas, selector, template },
    });
  };
  const podObject = (shape: Shape): Pod => {
    const pod = podOf(shape);
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod,
      metadata: { ...pod.metadata, namespace: 'shop', labels },
    };
  };
  return {
    server,
    putDeployment,
    putPod: (shape: Shape) => server.put(podObject(shape)),
    removePod: (uid: string) => server.remove(podObject({ uid })),
  };
}
