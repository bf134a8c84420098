import { describe, expect, test } from '@jest/globals';
import { ownProbes, shopPod, watchedRelease, type Any } from './watched-release.ts';

const labels = { app: 'api' };
const selector = { matchLabels: labels };
const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'api:1' }] } };
const within = (name: string, uid: string) => ({ name, namespace: 'shop', uid });

describe('a job', () => {
  const ref = { kind: 'job', name: 'migrate', namespace: 'shop' } as const;
  const job = (status: object, spec: object = {}): Any => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: within('migrate', 'job'),
    spec: { selector, template, completions: 1, ...spec },
    status,
  });
  const run = { owner: 'job', restartPolicy: 'Never' } as const;
  const complete = { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] };
  const failed = {
    failed: 2,
    conditions: [
      { type: 'Failed', status: 'True', message: 'Job has reached the specified backoff limit' },
    ],
  };

  test('that completes is healthy as soon as it has', async () => {
    const { server, begin, pass, ended } = watchedRelease({ workload: ref });
    server.put(job({ active: 1 }));
    server.put(shopPod({ ready: true, ...run }));
    begin();
    expect(await pass(60)).toBeUndefined();
    const over = { reason: 'Completed', exitCode: 0 };
    server.put(shopPod({ phase: 'Succeeded', terminated: over, ...run }));
    expect(await pass(1)).toBeUndefined();
    server.put(job(complete));
    expect(await pass(3)).toBe('healthy');
    expect(ended.result?.cause).toBe('rollout: completed, 1 pod succeeded');
  });

  test('that is complete already is healthy at once', async () => {
    const { server, begin, pass } = watchedRelease({ workload: ref, probes: ownProbes });
    server.put(job(complete));
    begin();
    expect(await pass(1)).toBe('healthy');
  });

  test('that tries again is waited for, and unhealthy by its pod’s end once it fails', async () => {
    const { server, begin, pass, ended } = watchedRelease({ workload: ref });
    server.put(job({ active: 1 }));
    const crash = { phase: 'Failed', terminated: { reason: 'Error', exitCode: 3 }, ...run };
    begin();
    await pass(2);
    server.put(shopPod({ uid: '1', ready: true, ...run }));
    await pass(2);
    server.put(shopPod({ uid: '1', ...crash }));
    server.put(job({ active: 1, failed: 1 }));
    expect(await pass(20)).toBeUndefined();
    server.put(shopPod({ uid: '2', ready: true, ...run }));
    await pass(2);
    server.put(shopPod({ uid: '2', ...crash }));
    server.put(job(failed));
    expect(await pass(3)).toBe('unhealthy');
    expect(ended.result?.cause).toMatch(
      /^rollout: pod\/api-[12], container main: Error: ends with exit code 3; Job has reached/,
    );
  });

  test('at work at the deadline is not proven, and nothing is held against it', async () => {
    const { server, begin, pass } = watchedRelease({ workload: ref });
    server.put(job({ active: 1 }));
    server.put(shopPod({ ready: true, ...run }));
    begin();
    expect(await pass(122)).toBe('not-enough-evidence');
  });
});

describe('what nobody could wait out is told at once:', () => {
  const set = (kind: 'StatefulSet' | 'DaemonSet', spec: object, status: object): Any => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { ...within('api', 'set'), generation: 1 },
    spec: { selector, template, ...spec },
    status: { observedGeneration: 1, ...status },
  });
  const of = (kind: 'statefulset' | 'daemonset' | 'job' | 'deployment') =>
    ({ kind, name: 'api', namespace: 'shop' }) as const;
  const deployment = (spec: object, status: object): Any => ({
    ...set('StatefulSet', spec, status),
    kind: 'Deployment',
  });

  test.each<[string, Parameters<typeof of>[0], Any, string]>([
    ['no replicas', 'deployment', deployment({ replicas: 0 }, {}), 'wants 0 pods'],
    [
      'a deployment that is paused',
      'deployment',
      deployment({ replicas: 2, paused: true }, { replicas: 2, updatedReplicas: 0 }),
      'is paused with 0 of 2 pods updated',
    ],
    [
      'a stateful set whose partition holds all pods back',
      'statefulset',
      set(
        'StatefulSet',
        { replicas: 2, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
        { currentRevision: 'old', updateRevision: 'new', readyReplicas: 2 },
      ),
      'its partition 2 holds all 2 pods back',
    ],
    [
      'a stateful set of which no pod was deleted under OnDelete',
      'statefulset',
      set(
        'StatefulSet',
        { replicas: 2, updateStrategy: { type: 'OnDelete' } },
        { currentRevision: 'old', updateRevision: 'new', readyReplicas: 2 },
      ),
      'OnDelete: 0 of 2 pods have been replaced',
    ],
    [
      'a daemon set of which no pod was deleted under OnDelete',
      'daemonset',
      set('DaemonSet', { updateStrategy: { type: 'OnDelete' } }, { desiredNumberScheduled: 2 }),
      'OnDelete: 0 of 2 pods have been replaced',
    ],
    [
      'a job that is suspended',
      'job',
      { ...set('StatefulSet', { suspend: true }, {}), apiVersion: 'batch/v1', kind: 'Job' },
      'the job is suspended',
    ],
  ])('%s', async (_, kind, object, cause) => {
    const { server, begin, pass, ended } = watchedRelease({ workload: of(kind) });
    server.put(object);
    begin();
    expect(await pass(2)).toBe('not-enough-evidence');
    expect(ended.result?.cause).toContain(cause);
  });

  test('a deadline that no new pod could meet', async () => {
    const { server, begin, pass, ended } = watchedRelease({ deadlineMs: 50_000 });
    const slow = [{ name: 'main', readinessProbe: { initialDelaySeconds: 10 } }];
    const spec = { replicas: 1, minReadySeconds: 15, template: { spec: { containers: slow } } };
    server.put(deployment(spec, { replicas: 1 }));
    begin();
    expect(await pass(2)).toBe('not-enough-evidence');
    expect(ended.result?.next).toBe('Set deadline to more than 55s.');
  });
});

test('of a stateful set with a partition only the pods above it are judged', async () => {
  const { server, begin, pass, finding } = watchedRelease({
    workload: { kind: 'statefulset', name: 'api', namespace: 'shop' },
  });
  server.put<Any>({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { ...within('api', 'set'), generation: 1 },
    spec: {
      replicas: 3,
      selector,
      template,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
    },
    status: {
      observedGeneration: 1,
      currentRevision: 'old',
      updateRevision: 'new',
      updatedReplicas: 1,
      readyReplicas: 2,
    },
  });
  const of = (revision: string) => ({ labels: { 'controller-revision-hash': revision } });
  server.put(shopPod({ uid: '0', ready: true, owner: 'set' }, of('old')));
  server.put(shopPod({ uid: '1', owner: 'set', restarts: 9 }, of('old')));
  server.put(shopPod({ uid: '2', ready: true, owner: 'set' }, of('new')));
  begin();
  expect(await pass(33)).toBe('healthy');
  expect(finding('rollout')?.detail).toContain(
    'only the 1 of 3 pods above its partition 2 are due',
  );
});
