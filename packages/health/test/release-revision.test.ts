import { describe, expect, test } from '@jest/globals';
import { images, labels, old, released, running, selector } from './arriving-release.ts';
import { shopPod, watchedRelease, type Any } from './watched-release.ts';

type Kind = 'StatefulSet' | 'DaemonSet';

/** The set `api` of one pod as it is written, and as its controller last told of it. */
function setOf(
  kind: Kind,
  { image, generation }: { image: string; generation: number },
  seen: { generation: number; revision: string },
): Any {
  const { revision } = seen;
  const counts =
    kind === 'StatefulSet'
      ? { readyReplicas: 1, currentRevision: revision, updateRevision: revision }
      : { desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1 };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'api', namespace: 'shop', uid: 'set', generation },
    spec: {
      replicas: 1,
      selector,
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } },
    },
    status: { observedGeneration: seen.generation, updatedReplicas: 1, ...counts },
  };
}

const hash = (revision: string) => ({ 'controller-revision-hash': revision });

function controllerRevision(name: string, revision: number): Any {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `api-${name}`,
      namespace: 'shop',
      labels: { ...labels, ...hash(name) },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'api', uid: 'set', controller: true },
      ],
    },
    revision,
  };
}

/** A set whose old revision serves while the release is waited for. */
async function waiting(kind: Kind) {
  const ref = { kind: kind === 'StatefulSet' ? 'statefulset' : 'daemonset', name: 'api' } as const;
  const release = watchedRelease({ workload: { ...ref, namespace: 'shop' }, images });
  const { server, begin, pass } = release;
  server.put(setOf(kind, { image: old, generation: 1 }, { generation: 1, revision: 'old' }));
  if (kind === 'DaemonSet') server.put(controllerRevision('old', 1));
  const pod = (uid: string, revision: string, image: string) =>
    shopPod(
      { uid, ready: true, owner: 'set' },
      { labels: hash(revision), spec: running(image).spec },
    );
  server.put(pod('1', 'old', old));
  begin();
  await pass(10);
  const replacePod = (revision: string): void => {
    server.remove(pod('1', 'old', old));
    server.put(pod('2', revision, released));
  };
  return { ...release, replacePod };
}

describe('a release is not superseded by itself', () => {
  test('when the controller of a stateful set follows a moment after its template', async () => {
    const { server, pass, replacePod } = await waiting('StatefulSet');
    const next = { image: released, generation: 2 };
    server.put(setOf('StatefulSet', next, { generation: 1, revision: 'old' }));
    expect(await pass(3)).toBeUndefined();
    server.put(setOf('StatefulSet', next, { generation: 2, revision: 'new' }));
    replacePod('new');
    expect(await pass(29)).toBeUndefined();
    expect(await pass(5)).toBe('healthy');
  });

  test('when the controller of a daemon set, or sight of what it made, comes after its template', async () => {
    const { server, pass, replacePod } = await waiting('DaemonSet');
    const next = { image: released, generation: 2 };
    server.put(setOf('DaemonSet', next, { generation: 1, revision: 'old' }));
    expect(await pass(3)).toBeUndefined();
    server.put(setOf('DaemonSet', next, { generation: 2, revision: 'new' }));
    expect(await pass(1)).toBeUndefined();
    server.put(controllerRevision('new', 2));
    replacePod('new');
    expect(await pass(29)).toBeUndefined();
    expect(await pass(5)).toBe('healthy');
  });
});

test.each<Kind>(['StatefulSet', 'DaemonSet'])(
  'a release of a %s is superseded by the next change of its template',
  async (kind) => {
    const { server, pass, replacePod, ended } = await waiting(kind);
    const seen = { generation: 2, revision: 'new' };
    server.put(controllerRevision('new', 2));
    server.put(setOf(kind, { image: released, generation: 2 }, seen));
    replacePod('new');
    expect(await pass(10)).toBeUndefined();
    const third = { image: released, generation: 3 };
    server.put(setOf(kind, third, seen));
    expect(await pass(1)).toBeUndefined();
    server.put(controllerRevision('third', 3));
    server.put(setOf(kind, third, { generation: 3, revision: 'third' }));
    expect(await pass(3)).toBe('cannot-observe');
    expect(ended.result?.cause).toContain('another revision (third) was rolled out while new');
  },
);
