import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHttpClient } from '@slipway/http';
import { readRunnerEnvironment, systemClock } from '@slipway/runtime';
import { fakeLog, inputValues, startFakeGitHub, type FakeGitHub } from '@slipway/testing';
import { readAppKey, withAppToken, type ModulesApp } from '../src/app-token.ts';
import { parseInputs } from '../src/inputs.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

let github: FakeGitHub;
let masked: string[];
const http = createHttpClient({ env: {} });

beforeEach(async () => {
  github = await startFakeGitHub();
  github.repository.app = { clientId: 'Iv23shop', publicKey, installation: 77, tokens: [] };
  masked = [];
});
afterEach(async () => {
  await github.close();
  // What GitHub does not describe passes no test.
  if (github.problems.length > 0) throw new Error(github.problems.join('\n'));
});

afterAll(() => http.close());

async function withToken<T>(
  work: (token: string) => Promise<T>,
  { clientId = 'Iv23shop', signal = new AbortController().signal, fetch = http.fetch } = {},
) {
  const app: ModulesApp = { clientId, key: readAppKey(pem) ?? privateKey };
  const ports = {
    ...{ fetch, clock: systemClock, log: fakeLog() },
    ...{
      signal,
      maskSecret: (secret: string) => masked.push(secret),
    },
  };
  return await withAppToken(ports, { app, owner: 'acme', apiUrl: github.apiUrl }, work);
}

test('a token reads contents alone, is masked before it is used, and taken back afterwards', async () => {
  const used = await withToken((token) => {
    expect(masked).toEqual([token]);
    expect(github.repository.app?.tokens).toEqual([token]);
    return Promise.resolve(token);
  });
  expect(used).toMatch(/^ghs_/);
  expect(github.repository.app?.tokens).toEqual([]);
  expect(github.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /users/acme/installation',
    'POST /app/installations/77/access_tokens',
    'DELETE /installation/token',
  ]);
  expect(github.seen[1]?.body).toEqual({ permissions: { contents: 'read' } });
});

test('it is taken back also when what it was for fails, whose error stays', async () => {
  await expect(withToken(() => Promise.reject(new Error('no modules')))).rejects.toThrow(
    'no modules',
  );
  expect(github.repository.app?.tokens).toEqual([]);
});

test('it is taken back as soon as the job is cancelled, before the work has ended', async () => {
  const cancel = new AbortController();
  const revoked = Promise.withResolvers<boolean>();
  const fetch: typeof http.fetch = async (url, init) => {
    const answer = await http.fetch(url, init);
    if (init?.method === 'DELETE') revoked.resolve(true);
    return answer;
  };
  const done = withToken(
    async () => {
      cancel.abort(new Error('cancelled by the user'));
      await revoked.promise;
      throw cancel.signal.reason;
    },
    { signal: cancel.signal, fetch },
  );
  await expect(done).rejects.toThrow('cancelled by the user');
  expect(github.repository.app?.tokens).toEqual([]);
  expect(github.seen.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
});

test('a token that cannot be taken back fails nothing: it ends within the hour', async () => {
  const done = withToken(() => {
    github.always = { status: 403 };
    return Promise.resolve('done');
  });
  expect(await done).toBe('done');
});

test('an App that GitHub does not know is told with what to do', async () => {
  await expect(withToken(() => Promise.resolve(''), { clientId: 'Iv23other' })).rejects.toThrow(
    /GitHub App Iv23other: no token for the modules of acme: GET .*\/users\/acme\/installation answered 401/,
  );
});

test('a redirect is not followed: what goes along is for that server alone', async () => {
  github.always = { status: 302, headers: { location: 'https://elsewhere.example/' } };
  await expect(withToken(() => Promise.resolve(''))).rejects.toThrow(/answered 302/);
  expect(github.seen).toHaveLength(1);
});

const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: '/ws' }, 'linux');
const parse = (values: Readonly<Record<string, string>>) =>
  parseInputs(inputValues(values), runner);

test.each([
  ['Iv23shop', '', /app-private-key: is needed with app-client-id/],
  ['Iv23shop', 'no', /app-private-key: is no private key/],
  ['two words', 'no', /app-client-id: /],
])('the client id %j and the key %j are refused', (clientId, key, message) => {
  const inputs = { 'app-client-id': clientId, 'app-private-key': key };
  expect(() => parse(inputs)).toThrow(message);
});

test('a key is taken with its line breaks written out too, and without an App it says nothing', () => {
  const flat = pem.replaceAll('\n', '\\n');
  const { privateModules } = parse({ 'app-client-id': 'Iv23shop', 'app-private-key': flat });
  expect(privateModules.app?.clientId).toBe('Iv23shop');
  expect(parse({ 'app-private-key': pem }).privateModules.app).toBeUndefined();
});

test('an App is no credential for the whole job', () => {
  const app = { 'app-client-id': 'Iv23shop', 'app-private-key': pem };
  expect(() => parse({ ...app, 'private-access': 'job' })).toThrow(
    /app-client-id: its token is taken back after the download/,
  );
});
