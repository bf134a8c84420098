import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHttpClient } from '@slipway/http';
import { createDeployment, githubRepository, openLedger, readDeployed } from '../src/index.ts';
import { startFakeRepository, versionOf, type FakeRepository } from './fake-repository.ts';

let github: FakeRepository;

beforeAll(async () => {
  github = await startFakeRepository();
});
afterAll(() => github.close());
afterEach(() => github.reset());

const write = (client = github.client()) =>
  createDeployment(client, { environment: 'staging', version: versionOf('api') });
const read = (client = github.client()) =>
  readDeployed(openLedger(client, 'staging'), { services: ['api'] });

describe('a request is repeated', () => {
  test.each([
    { after: 'a 502', fault: { status: 502 }, waitMs: 500 },
    { after: 'a broken connection', fault: 'hang up' as const, waitMs: 500 },
    {
      after: 'a secondary limit, as late as it asks',
      fault: { status: 403, headers: { 'retry-after': '20' } },
      waitMs: 20_000,
    },
    {
      after: 'a limit that begins anew soon',
      fault: {
        status: 429,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000030' },
      },
      waitMs: 0,
    },
  ])('after $after', async ({ fault, waitMs }) => {
    const beganMs = github.clock.now();
    github.fake.faults = [fault];
    await write();
    expect(github.fake.seen).toHaveLength(2);
    expect(github.fake.repository.deployments).toHaveLength(1);
    expect(github.clock.now() - beganMs).toBeGreaterThanOrEqual(waitMs / 2);
  });

  test("after GraphQL's limit, which has the status 200", async () => {
    const body = { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] };
    github.fake.faults = [{ status: 200, body }];
    await read();
    expect(github.fake.seen).toHaveLength(2);
  });
});

describe('a refusal is final, and says what to do', () => {
  test.each([
    {
      what: 'a right that is missing',
      fault: { status: 403, body: { message: 'Resource not accessible by integration' } },
      says: 'GitHub could not record the deployment of api to staging in acme/shop (403): Resource not accessible by integration.',
      next: /permissions: deployments: write/,
    },
    {
      what: 'a repository that the token does not see',
      fault: { status: 404, body: { message: 'Not Found' } },
      says: 'GitHub could not record the deployment of api to staging in acme/shop (404): Not Found.',
      next: /the token may see acme\/shop/,
    },
    {
      what: 'a request that it does not take',
      fault: {
        status: 422,
        body: {
          message: 'Validation Failed',
          errors: [{ resource: 'Deployment', code: 'invalid', field: 'ref' }],
        },
      },
      says: 'GitHub could not record the deployment of api to staging in acme/shop (422): Validation Failed: ref invalid.',
      next: /the commit was pushed/,
    },
    {
      what: 'a token that is no longer valid',
      fault: { status: 401, body: { message: 'Bad credentials' } },
      says: 'GitHub could not record the deployment of api to staging in acme/shop (401): Bad credentials.',
      next: /github-token/,
    },
  ])('$what', async ({ fault, says, next }) => {
    github.fake.faults = [fault];
    await expect(write()).rejects.toMatchObject({
      name: 'GitHubError',
      message: says,
      next: expect.stringMatching(next),
      status: fault.status,
    });
    expect(github.fake.seen).toHaveLength(1);
  });

  test('a limit that ends too late to wait for is not waited for', async () => {
    const seconds = Math.ceil(github.clock.now() / 1000) + 3000;
    github.fake.always = {
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(seconds) },
      body: { message: 'API rate limit exceeded for installation.' },
    };
    const until = new Date(seconds * 1000).toISOString().slice(11, 19);
    await expect(write()).rejects.toThrow(`limit on requests is used up until ${until} UTC`);
    expect(github.fake.seen).toHaveLength(1);
  });

  test('a repository that GraphQL does not find', async () => {
    const body = {
      data: { repository: null },
      errors: [{ type: 'NOT_FOUND', message: "Could not resolve to a Repository 'acme/shop'." }],
    };
    github.fake.faults = [{ status: 200, body }];
    await expect(read()).rejects.toMatchObject({
      message: expect.stringContaining('read the deployments to staging in acme/shop'),
      next: expect.stringContaining('deployments: read'),
    });
  });

  test('words of a proxy cannot become a workflow command', async () => {
    github.fake.faults = [{ status: 403, body: { message: 'no\n::error::mine\r\n##[error]mine' } }];
    const error = await write().catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message.split('\n')).toHaveLength(1);
    expect((error as Error).message).not.toContain('##[');
  });
});

describe('GitHub that does not answer', () => {
  test('fails after four attempts, naming the reason', async () => {
    github.fake.always = 'hang up';
    await expect(write()).rejects.toThrow(
      /record the deployment of api to staging in acme\/shop: /,
    );
    expect(github.fake.seen).toHaveLength(4);
  });

  test('a silent one is given up, and not waited for again and again', async () => {
    github.fake.always = 'silence';
    const { systemClock } = await import('@slipway/runtime');
    const client = github.client({
      clock: systemClock,
      patience: { attemptMs: 50, requestMs: 10_000, attempts: 2 },
    });
    await expect(write(client)).rejects.toThrow(/longer than/);
    expect(github.fake.seen).toHaveLength(2);
  });

  test('where nobody listens, is said to be unreachable', async () => {
    const gone = await startFakeRepository();
    await gone.close();
    const client = github.client({ apiUrl: gone.fake.apiUrl });
    await expect(write(client)).rejects.toMatchObject({
      message: expect.stringContaining('ECONNREFUSED'),
      next: expect.stringContaining('HTTPS_PROXY'),
    });
  });

  test('ends at once when the job is cancelled', async () => {
    github.fake.always = 'silence';
    const cancelled = new AbortController();
    const pending = write(github.client({ signal: cancelled.signal }));
    cancelled.abort(new Error('cancelled'));
    await expect(pending).rejects.toThrow('cancelled');
  });
});

describe('the token', () => {
  test('follows a renamed repository within its origin', async () => {
    const location = `${github.fake.apiUrl}/repositories/1/deployments`;
    github.fake.faults = [{ status: 307, headers: { location } }, { status: 500 }];
    await write(github.client({ patience: { attempts: 1 } })).catch(() => undefined);
    expect(github.fake.seen.map(({ path, authorization }) => [path, authorization])).toEqual([
      ['/repos/acme/shop/deployments', 'token a-token'],
      ['/repositories/1/deployments', 'token a-token'],
    ]);
    expect(github.fake.seen[1]?.body).toEqual(github.fake.seen[0]?.body);
  });

  test('goes to no other origin, not even without its header', async () => {
    const other = await startFakeRepository();
    try {
      const location = `${other.fake.apiUrl}/repos/acme/shop/deployments`;
      github.fake.faults = [{ status: 307, headers: { location } }];
      await expect(write()).rejects.toThrow('which gets no token');
      expect(other.fake.seen).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('is in no error', async () => {
    github.fake.faults = [{ status: 401, body: { message: 'Bad credentials' } }];
    const error = await write(github.client({ token: 'ghs_secret' })).catch(
      (thrown: unknown) => thrown,
    );
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 10 })).not.toContain('ghs_secret');
  });

  test.each(['', '  ', 'two words', 'line\nline'])(
    '%j is refused before anything is sent',
    (token) => {
      expect(() => github.client({ token })).toThrow('github-token is empty or no token');
    },
  );
});

test.each([
  { repository: 'shop', says: 'GITHUB_REPOSITORY' },
  { repository: '../../user', says: 'GITHUB_REPOSITORY' },
  { apiUrl: 'file:///etc/passwd', says: 'GITHUB_API_URL' },
])('$says that is none is refused', ({ says, ...options }) => {
  expect(() => github.client(options)).toThrow(says);
});

test('requests go through the proxy of the environment', async () => {
  const { startProxy } = await import('../../http/test/servers.ts');
  const proxy = await startProxy();
  const http = createHttpClient({ env: { HTTP_PROXY: proxy.url } });
  try {
    const port = new URL(github.fake.apiUrl).port;
    const { clock, log } = github;
    const apiUrl = `http://github.test:${port}`;
    const client = githubRepository({
      ...{ repository: 'acme/shop', token: 'a-token' },
      ...{ apiUrl, fetch: http.fetch, clock, log },
    });
    await write(client);
    expect(proxy.seen).toEqual([`POST ${apiUrl}/repos/acme/shop/deployments`]);
  } finally {
    await http.close();
    await proxy.close();
  }
});
