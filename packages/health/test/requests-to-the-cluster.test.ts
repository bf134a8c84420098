import { expect, test } from '@jest/globals';
import { servingRelease, type Any } from './watched-release.ts';

const service: Any = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'api', namespace: 'shop' },
  spec: { selector: { app: 'api' }, ports: [{ port: 80 }] },
};
const slice: Any = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'api-x',
    namespace: 'shop',
    labels: { 'kubernetes.io/service-name': 'api' },
  },
  endpoints: ['1', '2'].map((uid) => ({
    addresses: ['10.0.0.1'],
    targetRef: { uid },
    conditions: { ready: true },
  })),
  ports: [{ name: '', port: 8080 }],
};

/** The verification of a good release of two pods behind a Service, with a soak of a minute. */
function start() {
  const release = servingRelease(2, { minSoakMs: 60_000 });
  release.server.put(service);
  release.server.put(slice);
  return release;
}

test('a minute of verification takes at most 45 requests of the API server', async () => {
  const { begin, pass, server } = start();
  begin();
  expect(await pass(63)).toBe('healthy');
  expect(server.requests.length).toBeLessThanOrEqual(45);
});

test('a revision that came and went between two looks is not passed over', async () => {
  const { begin, pass, server, ended } = start();
  begin();
  await pass(10);
  const set = server.object('/apis/apps/v1/namespaces/shop/replicasets/api-r1') ?? {};
  const deployment = server.object('/apis/apps/v1/namespaces/shop/deployments/api') ?? {};
  const template = {
    metadata: { labels: { app: 'api' } },
    spec: { containers: [{ name: 'main', image: 'api:2' }] },
  };
  const { metadata, spec } = set as unknown as { metadata: object; spec: object };
  server.put<Any>({
    ...(set as Any),
    metadata: {
      ...metadata,
      name: 'api-r2',
      uid: 'rs2',
      labels: { app: 'api', 'pod-template-hash': 'r2' },
    },
    spec: { ...spec, template },
  });
  const before = deployment as unknown as Any & { spec: object };
  const changed = (generation: number): Any => ({
    ...before,
    metadata: { ...before.metadata, generation },
  });
  server.put<Any>({ ...changed(2), spec: { ...before.spec, template } });
  server.put<Any>(changed(3));
  expect(await pass(2)).toBe('cannot-observe');
  expect(ended.result?.cause).toContain('another revision (r2) was rolled out');
});
