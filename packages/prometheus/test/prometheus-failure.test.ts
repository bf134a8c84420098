import { describe, expect, test } from '@jest/globals';
import { fakeClock } from '@slipway/testing';
import { PrometheusError } from '../src/index.ts';
import { answering, at, clientOf, start, vector } from './prometheus-server.ts';

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
