import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { fakeClock } from '@slipway/testing';
import { createPrometheusClient, readValue, type PrometheusAuth } from '../src/index.ts';
import { answering, at, clientOf, start, vector } from './prometheus-server.ts';

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
