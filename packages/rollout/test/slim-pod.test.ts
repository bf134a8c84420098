import type { Pod, Workload } from '@slipway/kube';
import { describe, expect, test } from '@jest/globals';
import { slimWorkload } from '../src/follow/followed-rollout.ts';
import { slimPod } from '../src/history/slim-pod.ts';
import { workloadOf } from './recorded.ts';

/** Every text in `value`, so that none is kept by a way that this test did not think of. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const probe = {
  httpGet: {
    path: '/ready?token=secret',
    port: 'http',
    scheme: 'HTTPS',
    host: 'secret',
    httpHeaders: [{ name: 'Authorization', value: 'secret' }],
    comesLater: 'secret',
  },
  exec: { command: ['secret'] },
  grpc: { port: 1, service: 'secret' },
  tcpSocket: { port: 1, host: 'secret' },
  comesLater: { token: 'secret' },
};
const container = {
  name: 'main',
  image: 'api:1',
  restartPolicy: 'Always',
  env: [{ name: 'TOKEN', value: 'secret' }],
  envFrom: [{ secretRef: { name: 'secret' } }],
  command: ['secret'],
  args: ['secret'],
  lifecycle: { preStop: { exec: { command: ['secret'] } } },
  volumeMounts: [{ name: 'secret', mountPath: 'secret' }],
  workingDir: 'secret',
  securityContext: { seLinuxOptions: { user: 'secret' } },
  ports: [{ name: 'http', containerPort: 8080, hostIP: 'secret' }],
  resources: { limits: { memory: '64Mi', 'secret/device': 'secret' }, requests: { a: 'secret' } },
  readinessProbe: probe,
  livenessProbe: probe,
  startupProbe: probe,
  comesLater: 'secret',
};
const spec = {
  containers: [container],
  initContainers: [container],
  ephemeralContainers: [container],
  nodeName: 'node',
  restartPolicy: 'Always',
  readinessGates: [{ conditionType: 'gate', comesLater: 'secret' }],
  volumes: [{ name: 'v', csi: { driver: 'd', volumeAttributes: { key: 'secret' } } }],
  hostAliases: [{ ip: 'secret' }],
  imagePullSecrets: [{ name: 'secret' }],
  serviceAccountName: 'secret',
  hostname: 'secret',
} as unknown as Pod['spec'];
const ended = {
  terminated: {
    exitCode: 1,
    reason: 'Error',
    message: 'the end',
    containerID: 'c1',
    comesLater: 'secret',
  },
};
const status = {
  name: 'main',
  image: 'api:1',
  imageID: 'api@sha256:1',
  ready: false,
  restartCount: 2,
  state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off', comesLater: 'secret' } },
  lastState: ended,
  volumeMounts: [{ name: 'v', mountPath: 'secret' }],
  user: { linux: 'secret' },
  allocatedResources: { a: 'secret' },
};
const condition = { type: 'Ready', status: 'False', reason: 'Unready', message: 'why' };
const pod = {
  metadata: {
    name: 'api-1',
    uid: '1',
    labels: { app: 'api' },
    annotations: { config: 'secret' },
    managedFields: [{ manager: 'secret' }],
    finalizers: ['secret'],
    generateName: 'secret',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api', uid: 'rs', comesLater: 'secret' },
    ],
  },
  spec,
  status: {
    phase: 'Running',
    message: 'the pod',
    podIP: '10.0.0.1',
    conditions: [{ ...condition, comesLater: 'secret' }],
    containerStatuses: [status],
    initContainerStatuses: [status],
    ephemeralContainerStatuses: [status],
    resourceClaimStatuses: [{ name: 'secret' }],
    comesLater: 'secret',
  },
} as unknown as Pod;

describe('of a pod', () => {
  test('a recording keeps what judges need, and nothing else', () => {
    const slimContainer = {
      ...{ name: 'main', image: 'api:1', restartPolicy: 'Always' },
      ports: [{ name: 'http', containerPort: 8080 }],
      resources: { limits: { memory: '64Mi' } },
      readinessProbe: { httpGet: { port: 'http', scheme: 'HTTPS' } },
      livenessProbe: { httpGet: { port: 'http', scheme: 'HTTPS' } },
      startupProbe: { httpGet: { port: 'http', scheme: 'HTTPS' } },
    };
    const slimStatus = {
      ...{ name: 'main', image: 'api:1', imageID: 'api@sha256:1', ready: false, restartCount: 2 },
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
      lastState: {
        terminated: { exitCode: 1, reason: 'Error', message: 'the end', containerID: 'c1' },
      },
    };
    expect(slimPod(pod)).toEqual({
      metadata: {
        ...{ name: 'api-1', uid: '1', labels: { app: 'api' } },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api', uid: 'rs' }],
      },
      spec: {
        ...{ nodeName: 'node', restartPolicy: 'Always' },
        readinessGates: [{ conditionType: 'gate' }],
        containers: [slimContainer],
        initContainers: [slimContainer],
      },
      status: {
        ...{ phase: 'Running', message: 'the pod', podIP: '10.0.0.1', conditions: [condition] },
        containerStatuses: [slimStatus],
        initContainerStatuses: [slimStatus],
      },
    });
    expect(textsIn(slimPod(pod)).filter((text) => text.includes('secret'))).toEqual([]);
  });

  test.each<[string, Pod]>([
    ['is empty', {}],
    ['has an empty spec and status', { spec: {}, status: {} } as Pod],
    ['has a container without a name', { spec: { containers: [{}] } } as Pod],
  ])('that %s a recording can be made', (_, odd) => {
    expect(() => slimPod(odd)).not.toThrow();
  });
});

test('of a template a recording keeps the paths that are asked, and no host', () => {
  const template: Workload['template'] = slimWorkload(workloadOf({ template: spec })).template;
  expect(template?.containers[0]?.readinessProbe).toEqual({
    httpGet: { path: '/ready?token=secret', port: 'http', scheme: 'HTTPS' },
  });
  expect(new Set(textsIn(template).filter((text) => text.includes('secret')))).toEqual(
    new Set(['/ready?token=secret']),
  );
});
