import { createHash, createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { fakeClock } from '@slipway/testing';
import { signedFetch } from '../src/index.ts';

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The signature by the steps of AWS's documentation, for headers that are given in order. */
function signature(request: {
  url: URL;
  method: string;
  body: string;
  headers: readonly (readonly [string, string])[];
  stamp: string;
}): string {
  const { url, method, body, headers, stamp } = request;
  const names = headers.map(([name]) => name).join(';');
  const query = url.search.slice(1).split('&').sort().join('&');
  const canonical = [
    ...[method, url.pathname, query],
    ...headers.map(([name, value]) => `${name}:${value}`),
    ...['', names, sha256(body)],
  ].join('\n');
  const day = stamp.slice(0, 8);
  const scope = `${day}/eu-west-1/aps/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const key = ['eu-west-1', 'aps', 'aws4_request'].reduce<Buffer>(
    (known, part) => hmac(known, part),
    hmac('AWS4secret', day),
  );
  return hmac(key, text).toString('hex');
}

test.each<[string, string | undefined]>([
  ['', undefined],
  ['session', undefined],
  ['', 'query=up'],
])('a request is signed as AWS’s documentation says (token %j, body %j)', async (token, body) => {
  let sent: { url: URL; headers: Headers } | undefined;
  const fetch = signedFetch(
    (url, init) => {
      sent = { url: new URL(String(url)), headers: new Headers(init?.headers) };
      return Promise.resolve(new Response('ok'));
    },
    fakeClock(Date.parse('2026-01-02T03:04:05Z')),
    {
      ...{ region: 'eu-west-1', service: 'aps', accessKeyId: 'KEY', secretAccessKey: 'secret' },
      sessionToken: token,
    },
  );
  const method = body === undefined ? 'GET' : 'POST';
  await fetch(
    'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/query?query=up%7Bpod%3D%22a+b%22%7D&time=1.000',
    { method, ...(body === undefined ? {} : { body }) },
  );
  const stamp = '20260102T030405Z';
  expect(sent?.url.search).toContain('a%20b');
  expect(sent?.headers.get('x-amz-date')).toBe(stamp);
  const headers = [
    ['host', 'aps-workspaces.eu-west-1.amazonaws.com'],
    ['x-amz-date', stamp],
    ...(token === '' ? [] : [['x-amz-security-token', token] as const]),
  ] as const;
  const expected = signature({
    ...{ url: sent?.url ?? new URL('http://x'), method, body: body ?? '', headers, stamp },
  });
  expect(sent?.headers.get('authorization')).toContain(`Signature=${expected}`);
});
