import { describe, expect, test } from '@jest/globals';
import { fakeClock, fakeLog } from '@slipway/testing';
import { createKubeClient, type KubeTarget } from '../src/index.ts';

const target: KubeTarget = {
  ...{ source: 'a test', context: 'test', server: 'https://api.test', namespace: 'default' },
  ...{ tls: {}, proxyUrl: undefined, auth: { kind: 'token', token: 'of-the-cluster' } },
  impersonate: [],
};

/** A service fetch over an API server that answers as `answer` does. */
function start(answer: (url: string) => Response, scheme: 'http' | 'https' = 'http') {
  const requests: { url: string; method: string; headers: Headers }[] = [];
  const client = createKubeClient(target, {
    ...{ env: {}, log: fakeLog(), clock: fakeClock() },
    fetch: (url, init) => {
      const { method = 'GET', headers } = init ?? {};
      requests.push({ url: String(url), method, headers: new Headers(headers) });
      return Promise.resolve(answer(String(url)));
    },
  });
  const to = { namespace: 'monitoring', service: 'prometheus', port: '9090', scheme } as const;
  return { fetch: client.serviceFetch(to), requests };
}

describe('a service of the cluster', () => {
  test('is asked through the API server, with the tenant and the cluster’s own credentials', async () => {
    const { fetch, requests } = start(() => Response.json({ status: 'success' }));
    const response = await fetch('http://in-cluster/prefix/api/v1/query?query=up%7B%7D', {
      headers: { 'x-scope-orgid': 'shop', authorization: 'Bearer of-prometheus' },
    });
    expect(await response.json()).toEqual({ status: 'success' });
    const [request] = requests;
    expect(request?.url).toBe(
      'https://api.test/api/v1/namespaces/monitoring/services/prometheus%3A9090/proxy/prefix/api/v1/query?query=up%7B%7D',
    );
    expect(request?.headers.get('x-scope-orgid')).toBe('shop');
    expect(request?.headers.get('authorization')).toBe('Bearer of-the-cluster');
  });

  test('that speaks https is named so', async () => {
    const { fetch, requests } = start(() => new Response('ok'), 'https');
    await fetch('http://in-cluster/');
    expect(requests[0]?.url).toContain('/services/https%3Aprometheus%3A9090/proxy/');
  });

  test('answers as it does, also when it refuses', async () => {
    const { fetch } = start(() => new Response('no', { status: 422 }));
    const response = await fetch('http://in-cluster/');
    expect([response.status, await response.text()]).toEqual([422, 'no']);
  });

  test('that these credentials may not reach leaves the API server’s words', async () => {
    const message = 'services "prometheus:9090" is forbidden: cannot get resource "services/proxy"';
    const { fetch } = start(() =>
      Response.json(
        { kind: 'Status', apiVersion: 'v1', status: 'Failure', message },
        { status: 403 },
      ),
    );
    const response = await fetch('http://in-cluster/');
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ message });
  });
});
