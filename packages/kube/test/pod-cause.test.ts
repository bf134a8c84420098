import { describe, expect, test } from '@jest/globals';
import {
  causeText,
  disruptionOf,
  makerCause,
  podCause,
  sortCauses,
  type Pod,
} from '../src/index.ts';
import type { KubeEvent } from '../src/client/events.ts';
import { captured } from './captured.ts';

describe('what a real cluster says of a sick pod becomes one cause', () => {
  test.each<[string, string, 'never' | 'unlikely' | 'possible', string]>([
    ['gone', 'ImagePullBackOff', 'never', 'verify-api:gone: not found'],
    ['noregistry', 'ImagePullBackOff', 'possible', 'connection refused'],
    ['badname', 'InvalidImageName', 'never', 'must be lowercase'],
    ['config', 'CreateContainerConfigError', 'unlikely', 'secret "missing-secret" not found'],
    ['key', 'CreateContainerConfigError', 'unlikely', "couldn't find key not-there in ConfigMap"],
    ['command', 'RunContainerError', 'unlikely', '/no/such/program'],
    ['big', 'Unschedulable', 'possible', 'Insufficient cpu'],
    ['mount', 'FailedMount', 'unlikely', 'secret "missing-volume" not found'],
    ['init', 'Error', 'unlikely', 'the init container ends with exit code 1'],
    ['loop', 'Error', 'unlikely', 'ends with exit code 1 after 1 s, 3 restarts'],
    ['live', 'LivenessProbeFailed', 'unlikely', 'Liveness probe failed: HTTP probe failed'],
    ['oom', 'OOMKilled', 'unlikely', 'its memory limit of 64Mi (exit code 137 (SIGKILL)'],
    ['unready', 'ReadinessProbeFailed', 'possible', 'statuscode: 503 (25 times)'],
  ])('%s', (name, reason, recovery, detail) => {
    const { pod, events } = captured(name);
    const cause = podCause(pod, events);
    expect(cause).toMatchObject({ reason, recovery, object: `pod/${pod.metadata?.name ?? ''}` });
    expect(cause?.message).toContain(detail);
  });

  test.each([
    ['because the process was gone', (event: KubeEvent) => event.reason !== 'Killing'],
    ['in an earlier run of it', () => true],
  ])('a container that ends by itself is not killed by a probe that failed %s', (when, keeps) => {
    const { pod, events } = captured('live');
    const long = Date.parse('2026-01-01T00:00:00Z');
    const seen = events
      .filter(keeps)
      .map((event) => (when.startsWith('in an earlier') ? { ...event, lastMs: long } : event));
    expect(podCause(pod, seen)).toMatchObject({
      reason: 'CrashLoopBackOff',
      message: 'ends with exit code 0 after 2 s, 4 restarts',
    });
  });

  test('a container whose postStart hook failed in this run is called so, and else a crash', () => {
    const { pod, events } = captured('loop');
    const status = pod.status?.containerStatuses?.[0];
    const begun = status?.state?.terminated?.startedAt ?? status?.lastState?.terminated?.startedAt;
    const hook: KubeEvent = {
      type: 'Warning',
      reason: 'FailedPostStartHook',
      message: 'PostStartHook failed',
      count: 1,
      lastMs: Date.parse(begun ?? ''),
      object: { kind: 'Pod', name: 'loop', uid: pod.metadata?.uid ?? '' },
    };
    expect(podCause(pod, [hook, ...events])).toMatchObject({
      reason: 'PostStartHookError',
      message: expect.stringContaining('was killed because its postStart hook failed (exit code 1'),
    });
    const earlier = { ...hook, lastMs: hook.lastMs - 60_000 };
    expect(podCause(pod, [earlier, ...events])).toMatchObject({ reason: 'Error' });
  });

  test('quota', () => {
    const { replicaSet, events } = captured('quota');
    const { name = '', uid = '' } = replicaSet.metadata ?? {};
    expect(makerCause({ kind: 'ReplicaSet', name, uid }, events)).toMatchObject({
      reason: 'QuotaExceeded',
      object: `replicaset/${name}`,
      recovery: 'unlikely',
      message: expect.stringMatching(/^pods "quota-.*exceeded quota: small/),
    });
  });
});

describe('a pod', () => {
  const running: Pod = {
    metadata: { name: 'api-1', uid: '1' },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        {
          name: 'main',
          image: 'api',
          imageID: '',
          ready: true,
          restartCount: 1,
          state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
          lastState: { terminated: { exitCode: 1, reason: 'Error' } },
        },
      ],
    },
  };

  test('that serves has no cause, whatever was before', () => {
    expect(podCause(running, [])).toBeUndefined();
  });

  test.each([
    ['404 Not Found: manifest unknown', 'never'],
    ['503 Service Unavailable: <h1>backend not found</h1>', 'possible'],
    ['502 Bad Gateway: access denied by nobody', 'possible'],
  ])('whose image the registry answers with %j can recover: %s', (said, recovery) => {
    const message = `failed to resolve reference "r/api:1": unexpected status from HEAD request: ${said}`;
    const state = { waiting: { reason: 'ErrImagePull', message } };
    const status = {
      ...{ name: 'main', image: 'api', imageID: '', ready: false },
      restartCount: 0,
    };
    const pod: Pod = { ...running, status: { containerStatuses: [{ ...status, state }] } };
    expect(podCause(pod, [])).toMatchObject({ reason: 'ErrImagePull', recovery });
  });

  test('that was evicted says so in the node’s words', () => {
    const pod: Pod = {
      ...running,
      status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
    };
    expect(podCause(pod, [])).toEqual({
      object: 'pod/api-1',
      reason: 'Evicted',
      message: 'The node was low on memory.',
      recovery: 'possible',
    });
  });

  const unready = (over: Partial<NonNullable<Pod['status']>>, spec: object = {}): Pod => ({
    ...running,
    spec: { containers: [], ...spec },
    status: {
      ...running.status,
      conditions: [
        { type: 'Ready', status: 'False' },
        { type: 'ContainersReady', status: 'True' },
      ],
      ...over,
    },
  });

  test('whose node does not report is cut off, and nothing of it is to blame', () => {
    expect(podCause(unready({}, { nodeName: 'node-b' }), [])).toEqual({
      object: 'pod/api-1',
      reason: 'NodeNotReady',
      message: 'its node node-b does not report',
      recovery: 'possible',
    });
  });

  test('whose containers are ready waits for its readiness gate, set or not', () => {
    const gate = 'target-health.elbv2.k8s.aws/api';
    const gates = { readinessGates: [{ conditionType: gate }] };
    expect(podCause(unready({}, gates), [])).toMatchObject({
      reason: 'ReadinessGate',
      message: `the readiness gate ${gate} is not met`,
    });
  });

  test.each([
    [
      'its own limit of storage',
      'Container main exceeded its local ephemeral storage limit "1Gi".',
    ],
    ['the size of a volume', 'Usage of EmptyDir volume "tmp" exceeds the limit "1Gi". '],
    [
      'the storage of all containers',
      'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ',
    ],
  ])('that went over %s was not taken away by its node', (_, message) => {
    const status = { phase: 'Failed', reason: 'Evicted', message };
    expect(disruptionOf({ status })).toBeUndefined();
    expect(podCause({ ...running, status }, [])).toMatchObject({ reason: 'Evicted', message });
  });

  test('with a native sidecar that ends again and again is named by it, also with code 0', () => {
    const sidecar = {
      name: 'mesh',
      image: 'mesh',
      imageID: '',
      ready: false,
      restartCount: 3,
      state: { terminated: { exitCode: 0, reason: 'Completed' } },
    };
    const spec = {
      restartPolicy: 'Always',
      initContainers: [{ name: 'mesh', restartPolicy: 'Always' }],
    };
    const pod = unready({ initContainerStatuses: [sidecar], conditions: [] }, spec);
    expect(podCause(pod, [])).toMatchObject({ reason: 'Completed', container: 'mesh' });
  });

  test('is not explained by events about another', () => {
    const { events } = captured('unready');
    const pod: Pod = {
      ...running,
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'main',
            image: 'api',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { running: {} },
          },
        ],
      },
    };
    expect(podCause(pod, events)?.reason).toBe('NotReady');
  });
});

test('of several causes the one that waiting will not mend comes first', () => {
  const at = (object: string, recovery: 'never' | 'unlikely' | 'possible') =>
    ({ object, recovery, reason: 'R', message: 'm' }) as const;
  const sorted = sortCauses([
    at('a', 'possible'),
    at('b', 'unlikely'),
    at('c', 'never'),
    at('d', 'unlikely'),
  ]);
  expect(sorted.map(({ object }) => object)).toEqual(['c', 'b', 'd', 'a']);
});

test('a cause is told in one line', () => {
  expect(
    causeText({ object: 'pod/a', container: 'b', reason: 'R', message: 'm', recovery: 'possible' }),
  ).toBe('pod/a, container b: R: m');
});
