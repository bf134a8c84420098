import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { authorizedFetch, createHttpClient, type HttpClient } from '../src/index.ts';
import { serve, type LocalServer } from './servers.ts';

let own: LocalServer;
let other: LocalServer;
let client: HttpClient;
let seen: string[] = [];

beforeAll(async () => {
  const start = (name: string) =>
    serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const credentials = [request.headers.authorization, request.headers.cookie].join('|');
        seen.push(`${name} ${request.method ?? ''} ${request.url ?? ''} ${credentials} ${body}`);
        const url = new URL(request.url ?? '', 'http://x');
        const to = url.searchParams.get('to');
        const status = Number(url.searchParams.get('status') ?? '302');
        if (to === null) response.end('here');
        else response.writeHead(status, { location: to }).end();
      });
    });
  [own, other] = await Promise.all([start('own'), start('other')]);
  client = createHttpClient({ env: {} });
});
afterAll(async () => {
  await client.close();
  await Promise.all([own.close(), other.close()]);
});
beforeEach(() => {
  seen = [];
});

function fetch(url: string, init?: RequestInit): Promise<Response> {
  const options = { origin: own.url, authorization: 'Bearer hunter2' };
  return authorizedFetch(client.fetch, options)(url, init);
}

const to = (url: string): string => encodeURIComponent(url);

describe('a token bound to an origin', () => {
  test('is sent to its origin', async () => {
    await fetch(`${own.url}/a`);
    expect(seen).toEqual(['own GET /a Bearer hunter2| ']);
  });

  test('is not sent to another origin, not even to another port', async () => {
    await fetch(`${other.url}/a`);
    expect(seen).toEqual(['other GET /a | ']);
  });

  test('does not cross a redirect, to another origin, to its own or back', async () => {
    await fetch(`${own.url}/?to=${to(`${other.url}/?to=${to(`${own.url}/back`)}`)}`, {
      headers: { cookie: 'session=1' },
    });
    expect(seen.map((line) => line.replace(/\?\S+/, ''))).toEqual([
      'own GET / Bearer hunter2|session=1 ',
      'other GET / | ',
      'own GET /back | ',
    ]);
    seen = [];
    await fetch(`${own.url}/?to=/same`);
    expect(seen[1]).toBe('own GET /same | ');
  });

  test('does not go to an origin that only looks like its own', async () => {
    await expect(fetch(`http://127.0.0.1:${own.port}@localhost:${other.port}/`)).rejects.toThrow();
    expect(seen.join()).not.toContain('hunter2');
  });
});

describe('a redirect', () => {
  test.each([
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'body'],
    [308, 'POST', 'body'],
  ])('with %d makes a POST a %s', async (status, method, body) => {
    await fetch(`${own.url}/?status=${status}&to=/next`, { method: 'POST', body: 'body' });
    expect(seen[1]).toBe(`own ${method} /next | ${body}`);
  });

  test('in a circle ends', async () => {
    await expect(fetch(`${own.url}/?to=${to('/?to=%2F%3Fto%3D%252F')}`)).resolves.toBeDefined();
    const circle = await serve((_request, response) =>
      response.writeHead(302, { location: '/' }).end(),
    );
    const error = await fetch(circle.url).catch((thrown: unknown) => thrown);
    await circle.close();
    expect((error as Error).message).toContain('redirects, which is not allowed here');
  });

  test('is handed on or refused where the caller says so', async () => {
    const url = `${own.url}/?to=/next`;
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(302);
    await expect(fetch(url, { redirect: 'error' })).rejects.toThrow('redirects');
  });
});
