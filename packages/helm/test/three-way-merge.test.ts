import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fulfilled, patchBetween, threeWayMerge, type Json } from '../src/merge/index.ts';

interface MergeCase {
  old: Json;
  wanted: Json;
  live: Json;
  result: Json;
}

/**
 * What Go's own library made of random manifests: CreateThreeWayMergePatch and StrategicMergePatch of
 * k8s.io/apimachinery v0.36.3 for built-in kinds, CreateMergePatch of json-patch for the others; nulls
 * and the directives that it leaves in new items taken out.
 */
const cases = JSON.parse(
  await readFile(path.join(import.meta.dirname, 'captured', 'three-way-merges.json'), 'utf8'),
) as readonly MergeCase[];

/** Lists whose items are told apart by a key have no order that matters here. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(unordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, unordered(inner)]),
  );
}

function deployment(pod: Json, more: Json = {}): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api' },
    spec: { ...more, template: { spec: pod } },
  };
}

const container = (more: Json): Json => ({ containers: [{ name: 'main', ...more }] });

describe('the merge of old manifest, new manifest and cluster', () => {
  test('is that of Kubernetes for what was captured of it', () => {
    expect(cases.length).toBeGreaterThan(30);
    for (const { old, wanted, live, result } of cases)
      expect(unordered(threeWayMerge({ old, wanted, live }))).toEqual(unordered(result));
  });

  test.each<[string, Json, Json, Json]>([
    [
      'a strategy of another type',
      deployment({}, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } }),
      deployment({}, { strategy: { type: 'Recreate' } }),
      deployment({}, { strategy: { type: 'Recreate' } }),
    ],
    [
      'a probe of another kind',
      deployment(container({ readinessProbe: { httpGet: { path: '/', port: 80 } } })),
      deployment(container({ readinessProbe: { tcpSocket: { port: 80 } } })),
      deployment(container({ readinessProbe: { tcpSocket: { port: 80 } } })),
    ],
    [
      'a volume of another kind',
      deployment({ volumes: [{ name: 'data', emptyDir: {} }] }),
      deployment({ volumes: [{ name: 'data', configMap: { name: 'api' } }] }),
      deployment({ volumes: [{ name: 'data', configMap: { name: 'api' } }] }),
    ],
    [
      'a variable that comes from elsewhere',
      deployment(container({ env: [{ name: 'URL', value: 'x' }] })),
      deployment(container({ env: [{ name: 'URL', valueFrom: { secretKeyRef: {} } }] })),
      deployment(container({ env: [{ name: 'URL', valueFrom: { secretKeyRef: {} } }] })),
    ],
  ])('leaves one half only of %s', (_, old, wanted, result) => {
    expect(threeWayMerge({ old, wanted, live: old })).toEqual(result);
  });

  test('takes nothing away without an old manifest', () => {
    const live = deployment(container({ image: 'a' }), { replicas: 3 });
    const wanted = deployment(container({ image: 'b' }));
    expect(threeWayMerge({ old: undefined, wanted, live })).toEqual(
      deployment(container({ image: 'b' }), { replicas: 3 }),
    );
  });
});

describe('what a manifest says', () => {
  test.each<[string, Json]>([
    [
      'a variable that is there twice',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    ],
    [
      'a port for TCP and for UDP',
      {
        ports: [
          { containerPort: 53, protocol: 'UDP' },
          { containerPort: 53, protocol: 'TCP' },
        ],
      },
    ],
  ])('is fulfilled by a live object with %s', (_, part) => {
    const wanted = deployment(container(part));
    const live = deployment(
      { ...container({ ...part, imagePullPolicy: 'Always' }), dnsPolicy: 'ClusterFirst' },
      { replicas: 1 },
    );
    expect(patchBetween(live, fulfilled(wanted, live))).toBeUndefined();
  });

  test('is fulfilled by a list of a custom resource to which the server added defaults', () => {
    const widget = (item: Json): Json => ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      spec: { parts: [item] },
    });
    const live = widget({ size: 1, colour: 'grey' });
    expect(patchBetween(live, fulfilled(widget({ size: 1 }), live))).toBeUndefined();
    expect(patchBetween(live, fulfilled(widget({ size: 2 }), live))).toEqual({
      spec: { parts: [{ size: 2 }] },
    });
  });
});
