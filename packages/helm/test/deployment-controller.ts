import { createHash } from 'node:crypto';
import type { Deployment, KubeObject, Pod, ReplicaSet } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import type { FakeApiServer, StoredObject } from '@slipway/testing';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** What becomes of a pod, by the image of its container. */
function containerStatus(image: string): ContainerStatus {
  const shared = { name: 'main', image, imageID: '', restartCount: 0 };
  if (image.startsWith('missing')) {
    const message = `Back-off pulling image "${image}": ErrImagePull: not found`;
    return { ...shared, ready: false, state: { waiting: { reason: 'ImagePullBackOff', message } } };
  }
  if (image.startsWith('crash'))
    return {
      ...shared,
      ready: false,
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
      lastState: { terminated: { exitCode: 2, reason: 'Error' } },
    };
  const isReady = image.startsWith('good');
  return { ...shared, ready: isReady, state: { running: { startedAt: '2027-01-15T08:00:00Z' } } };
}

function podOf(set: ReplicaSet, index: number): Pod {
  const spec = set.spec?.template?.spec;
  const status = containerStatus(spec?.containers[0]?.image ?? '');
  const ready = status.ready ? 'True' : 'False';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${set.metadata?.name ?? ''}-${index}`,
      ...(set.metadata?.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
      ...(set.metadata?.labels === undefined ? {} : { labels: set.metadata.labels }),
      ownerReferences: [ownerOf(set, 'ReplicaSet')],
    },
    spec: {
      restartPolicy: 'Always',
      ...spec,
      nodeName: 'node',
      containers: spec?.containers ?? [],
    },
    status: {
      phase: 'Running',
      containerStatuses: [status],
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: '2027-01-15T08:00:00Z' }],
    },
  };
}

function ownerOf(object: KubeObject, kind: string) {
  const { name = '', uid = '' } = object.metadata ?? {};
  return { apiVersion: 'apps/v1', kind, name, uid, controller: true };
}

function setOf(deployment: Deployment, hash: string): ReplicaSet {
  const { metadata, spec } = deployment;
  const labels = { ...spec?.template.metadata?.labels, 'pod-template-hash': hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata?.name ?? ''}-${hash}`,
      ...(metadata?.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels,
      ownerReferences: [ownerOf(deployment, 'Deployment')],
    },
    spec: {
      replicas: spec?.replicas ?? 1,
      selector: { matchLabels: labels },
      template: { ...spec?.template, metadata: { ...spec?.template.metadata, labels } },
    },
  };
}

/**
 * Plays the controllers of deployments and the kubelet on a server in memory: pods of a new template come
 * at once and are ready when their image begins with `good`, crash with `crash`, cannot be pulled with
 * `missing`, and else never become ready; pods of the old one go when the new ones are ready.
 */
export function runDeployments(server: FakeApiServer, clock: Clock): void {
  const podsOf = (namespace: string): readonly StoredObject[] => server.objects('Pod', namespace);
  const work = (deployment: Deployment): void => {
    const { metadata, spec } = deployment;
    const namespace = metadata?.namespace ?? '';
    const wanted = spec?.replicas ?? 1;
    const hash = createHash('sha256')
      .update(JSON.stringify(spec?.template))
      .digest('hex')
      .slice(0, 8);
    const set = setOf(deployment, hash);
    const path = `/apis/apps/v1/namespaces/${namespace}/replicasets/${set.metadata?.name ?? ''}`;
    const made = (server.object(path) as ReplicaSet | undefined) ?? server.put(set);
    const isOurs = ({ metadata: own }: KubeObject): boolean =>
      own?.labels?.['pod-template-hash'] === hash;
    const mine = podsOf(namespace).filter(({ metadata: own }) =>
      own.name.startsWith(`${metadata?.name ?? ''}-`),
    );
    const present = mine.filter(isOurs).length;
    for (let index = present; index < wanted; index += 1) server.put(podOf(made, index));
    const image = spec?.template.spec?.containers[0]?.image ?? '';
    const available = image.startsWith('good') ? wanted : 0;
    const old = mine.filter((pod) => !isOurs(pod));
    if (available === wanted) old.forEach((pod) => server.remove(pod));
    const left = available === wanted ? 0 : old.length;
    server.put({
      ...deployment,
      status: {
        observedGeneration: metadata?.generation ?? 1,
        replicas: wanted + left,
        updatedReplicas: wanted,
        availableReplicas: available,
        readyReplicas: available,
      },
    });
  };
  server.onChange(({ object, gone }) => {
    const deployment = object as Deployment;
    if (object.kind !== 'Deployment' || gone) return;
    if (deployment.status?.observedGeneration === deployment.metadata?.generation) return;
    // Controllers work behind the request that they answer to.
    clock.after(0, () => {
      const { name = '', namespace = '' } = deployment.metadata ?? {};
      const now = server.object(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
      if (now !== undefined) work(now);
    });
  });
}
