import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fakeClock } from '@slipway/testing';
import {
  createPrometheusClient,
  PrometheusError,
  readValue,
  type PrometheusAuth,
} from '../src/index.ts';

interface Received {
  method: string;
  url: string;
  body: string;
  authorization: string | undefined;
}

const open: http.Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function start(answer: (got: Received, response: http.ServerResponse) => void) {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const got = { method, url, body, authorization: headers.authorization };
      received.push(got);
      answer(got, response);
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received };
}

const clientOf = (url: string, auth: PrometheusAuth = { kind: 'none' }, clock = fakeClock()) =>
  createPrometheusClient({ url, auth, fetch: (to, init) => fetch(to, init), clock });

const answering = (value: unknown, status = 200) =>
  start((_, response) => response.writeHead(status).end(JSON.stringify(value)));

const vector = (...values: string[]) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: values.map((value) => ({ metric: { pod: 'a' }, value: [1_700_000_000.5, value] })),
  },
});
const at = { timeMs: 1_700_000_000_123 };

describe('an answer', () => {
  test('keeps numbers, NaN and infinities apart', async () => {
    const { url } = await answering(vector('0.25', 'NaN', '+Inf', '-Inf', '0'));
    const { series } = await clientOf(url).query('x', at);
    expect(series.map(({ points }) => readValue(points[0]?.value ?? 1))).toEqual([
      { kind: 'finite', value: 0.25 },
      { kind: 'not-a-number' },
      { kind: 'infinite', sign: 1 },
      { kind: 'infinite', sign: -1 },
      { kind: 'finite', value: 0 },
    ]);
  });

  test('that never ends is given up once it is larger than any answer', async () => {
    const { url } = await start((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.write(gzipSync(Buffer.alloc(33 * 1024 * 1024, ' ')));
    });
    const failed = clientOf(url).query('x', at);
    await expect(failed).rejects.toMatchObject({ failure: 'not-prometheus' });
  });

  test('that is empty is an answer, not an error and not a zero', async () => {
    const { url } = await answering(vector());
    expect(await clientOf(url).query('x', at)).toMatchObject({ type: 'vector', series: [] });
  });

  test('carries warnings and infos', async () => {
    const { url } = await answering({
      ...vector('1'),
      warnings: ['no store matched'],
      infos: ['not a counter'],
    });
    expect(await clientOf(url).query('x', at)).toMatchObject({
      warnings: ['no store matched'],
      infos: ['not a counter'],
    });
  });

  test('keeps native histograms apart from numbers', async () => {
    const buckets = [[0, '0.25', '0.5', '3']];
    const result = [{ metric: {}, histogram: [1, { count: '3', sum: '1', buckets }] }];
    const { url } = await answering({ status: 'success', data: { resultType: 'vector', result } });
    expect(await clientOf(url).query('x', at)).toMatchObject({
      series: [],
      histograms: [{ points: [{ timeMs: 1_000, count: 3, buckets: [[0.25, 0.5, 3]] }] }],
    });
  });
});

describe('a query', () => {
  test('always says at what time, and asks for no partial answer and none of half a minute ago', async () => {
    const { url, received } = await answering(vector());
    await clientOf(`${url}/prefix/`).query('up{pod="a b"}', at);
    expect(received[0]?.url).toBe(
      '/prefix/api/v1/query?query=up%7Bpod%3D%22a+b%22%7D&time=1700000000.123&partial_response=false&nocache=1',
    );
  });

  test('that is long goes as a form', async () => {
    const { url, received } = await answering(vector());
    await clientOf(url).query(`up{pod=~"${'a'.repeat(5_000)}"}`, at);
    expect(received[0]).toMatchObject({ method: 'POST', url: '/api/v1/query' });
    expect(received[0]?.body).toContain('time=1700000000.123');
  });

  test.each<[PrometheusAuth, string | undefined]>([
    [{ kind: 'bearer', token: 't' }, 'Bearer t'],
    [
      { kind: 'basic', username: 'u', password: 'p:w' },
      `Basic ${Buffer.from('u:p:w').toString('base64')}`,
    ],
    [{ kind: 'none' }, undefined],
  ])('is sent with the credentials %j', async (auth, header) => {
    const { url, received } = await answering(vector());
    await clientOf(url, auth).query('x', at);
    expect(received[0]?.authorization).toBe(header);
  });
});

describe('a failure', () => {
  test.each<[string, number, unknown, string, boolean]>([
    [
      'a query that does not parse',
      400,
      { status: 'error', errorType: 'bad_data', error: 'parse error' },
      'bad-query',
      false,
    ],
    [
      'a query that fails',
      422,
      { status: 'error', errorType: 'execution', error: 'many-to-many' },
      'failed-query',
      false,
    ],
    [
      'a query that VictoriaMetrics cannot parse',
      422,
      { status: 'error', errorType: '422', error: 'unexpected token ""; unparsed data: ""' },
      'bad-query',
      false,
    ],
    [
      'a query that VictoriaMetrics cannot answer',
      422,
      { status: 'error', errorType: '422', error: 'timeout exceeded: 30 seconds' },
      'failed-query',
      false,
    ],
    ['missing credentials', 401, 'no', 'refused', false],
    ['a server that starts', 503, 'Service Unavailable', 'unavailable', true],
    ['too many requests', 429, 'slow down', 'unavailable', true],
    ['another server', 404, '<html>', 'not-prometheus', false],
    ['another server that says 200', 200, '<html>', 'not-prometheus', false],
    ['JSON of something else', 200, { hello: 1 }, 'not-prometheus', false],
  ])('tells %s', async (_, status, body, failure, mayPass) => {
    const { url } = await start((_got, response) =>
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
    );
    const error = await clientOf(url)
      .query('x', at)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PrometheusError);
    expect(error).toMatchObject({ failure, mayPass });
  });

  test('to connect is told from silence', async () => {
    const clock = fakeClock();
    const { url } = await start(() => clock.advance(10_000));
    await expect(clientOf(url, { kind: 'none' }, clock).query('x', at)).rejects.toMatchObject({
      failure: 'timeout',
      mayPass: true,
      message: expect.stringContaining('did not answer within 10 s'),
    });
    await expect(clientOf('http://127.0.0.1:1').query('x', at)).rejects.toMatchObject({
      failure: 'unreachable',
      mayPass: true,
    });
  });

  test('is what a redirect to a login page is, and no credentials go there', async () => {
    const login = await answering(vector('1'));
    const { url } = await start((_, response) =>
      response.writeHead(302, { location: `${login.url}/login` }).end(),
    );
    await expect(
      clientOf(url, { kind: 'bearer', token: 't' }).query('x', at),
    ).rejects.toMatchObject({
      failure: 'not-prometheus',
      message: expect.stringContaining('a redirect, as a login page sends it'),
    });
    expect(login.received).toEqual([]);
  });

  test('of the targets API where there is none is undefined, as on Thanos', async () => {
    const { url } = await start((_, response) => response.writeHead(404).end('404 page not found'));
    expect(await clientOf(url).targets()).toBeUndefined();
  });
});

describe('a single odd answer', () => {
  const once = (status: number, headers: Record<string, string> = {}) => {
    let left = 1;
    return start((_, response) => {
      if (left-- > 0) response.writeHead(status, headers).end('no');
      else response.end(JSON.stringify(vector('1')));
    });
  };

  test.each([401, 429, 500, 502, 503])('of %d is asked again', async (status) => {
    const { url, received } = await once(status);
    expect(await clientOf(url).query('x', at)).toMatchObject({ type: 'vector' });
    expect(received).toHaveLength(2);
  });

  test('is waited for as long as it asks', async () => {
    const clock = fakeClock();
    const { url } = await once(429, { 'retry-after': '3' });
    const began = clock.now();
    await clientOf(url, { kind: 'none' }, clock).query('x', at);
    expect(clock.now() - began).toBe(3_000);
  });

  test('is not one when it comes twice: a second 401 means what it says', async () => {
    const { url, received } = await start((_, response) => response.writeHead(401).end('no'));
    await expect(clientOf(url).query('x', at)).rejects.toMatchObject({
      ...{ failure: 'refused', isFinal: true },
    });
    expect(received).toHaveLength(2);
  });
});

test.each([403, 404, 405, 501])('a targets API that answers %d is none', async (status) => {
  const { url } = await start((_, response) => response.writeHead(status).end('{}'));
  expect(await clientOf(url).targets()).toBeUndefined();
});

describe('the types of a metric', () => {
  test('are those that targets tell, each once', async () => {
    const told = (type: string) => ({ type, help: 'requests', unit: '' });
    const data = { x_total: [told('counter'), told('counter'), told('gauge')] };
    const { url, received } = await answering({ status: 'success', data });
    expect(await clientOf(url).metricTypes('x_total')).toEqual(['counter', 'gauge']);
    expect(received[0]?.url).toBe('/api/v1/metadata?metric=x_total');
  });

  test.each<[string, number, unknown]>([
    ['the server has no such API', 404, {}],
    ['nothing is known of it', 200, { status: 'success', data: {} }],
    ['the answer is of another form', 200, { status: 'success', data: { x_total: [null, 'x'] } }],
  ])('are none where %s', async (_, status, answer) => {
    const { url } = await answering(answer, status);
    expect(await clientOf(url).metricTypes('x_total')).toEqual([]);
  });
});

test('headers go out with every request', async () => {
  const { url } = await start((_, response) => response.end(JSON.stringify(vector('1'))));
  const seen: Headers[] = [];
  const client = createPrometheusClient({
    ...{ url, auth: { kind: 'none' }, clock: fakeClock(), headers: { 'x-scope-orgid': 'shop' } },
    fetch: (to, init) => {
      seen.push(new Headers(init?.headers));
      return fetch(to, init);
    },
  });
  await client.query('x', at);
  await client.series(['a', 'b'], { startMs: 0, endMs: 1 });
  expect(seen.map((headers) => headers.get('x-scope-orgid'))).toEqual(['shop', 'shop']);
});

test.each<[string, string]>([
  [
    'invalid parameter "query": 1:8: parse error: unterminated quoted string',
    'unterminated quoted string at line 1, column 8 of the query: up{pod=⟨here⟩"p1',
  ],
  [
    'invalid parameter "query": 2:1: parse error: unexpected "}"',
    'unexpected "}" at line 2, column 1 of the query: ⟨here⟩}',
  ],
])('%s is told with its place', async (error, told) => {
  const { url } = await answering({ status: 'error', errorType: 'bad_data', error }, 400);
  const query = told.includes('line 2') ? 'up{\n}' : 'up{pod="p1';
  await expect(clientOf(url).query(query, at)).rejects.toMatchObject({
    ...{ failure: 'bad-query', isFinal: true },
    message: expect.stringContaining(told),
  });
});
