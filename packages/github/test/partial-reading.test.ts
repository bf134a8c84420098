import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { addDeployment, type GitHubFault, type SeenRequest } from '@slipway/testing';
import { timeLimit } from '@slipway/runtime';
import { deploymentPayload, deploymentTask } from '../src/deployment-payload.ts';
import { openLedger, readDeployed, readSuccesses, type GitHubRepository } from '../src/index.ts';
import {
  commitA,
  commitB,
  startFakeRepository,
  versionOf,
  type FakeRepository,
} from './fake-repository.ts';

let github: FakeRepository;

beforeAll(async () => {
  github = await startFakeRepository();
});
afterAll(() => github.close());
afterEach(() => github.reset());

function deployed(service: string, commit: string, target = ''): void {
  const version = versionOf(service, commit, target);
  addDeployment(github.fake.repository, {
    sha: commit,
    environment: 'staging',
    task: deploymentTask(version),
    payload: deploymentPayload(version),
    statuses: [{ state: 'success', createdAt: '2026-11-29T10:00:00Z' }],
  });
}

/** api and worker lie behind two pages of web, which is deployed again and again. */
function threePages(): void {
  deployed('api', commitA);
  deployed('worker', commitB);
  for (let count = 0; count < 200; count += 1) deployed('web', commitB);
}

const services = ['api', 'worker', 'web'];
const ledger = (client = github.client()) => openLedger(client, 'staging');
const short = (found: Awaited<ReturnType<typeof readDeployed>>): Record<string, string> =>
  Object.fromEntries(
    [...found.deployed].map(([service, { version }]) => [service, version.commit.slice(0, 1)]),
  );

const isPage = ({ path }: SeenRequest): boolean => path === '/graphql';
const isPageAfterFirst = (request: SeenRequest): boolean =>
  isPage(request) &&
  (request.body?.['variables'] as { after?: unknown } | undefined)?.after !== null;
const asksFor = ({ query }: SeenRequest, service: string): boolean =>
  query['task'] === `slipway:${service}`;

const limited: GitHubFault = {
  status: 403,
  headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1900000000' },
  body: { message: 'API rate limit exceeded.' },
};
const faults: readonly { what: string; fault: GitHubFault; says: RegExp }[] = [
  { what: 'is refused', fault: { status: 403, body: { message: 'No' } }, says: /\(403\): No$/ },
  { what: 'is not taken', fault: { status: 422, body: { message: 'No' } }, says: /\(422\): No$/ },
  { what: 'is over the limit', fault: limited, says: /limit on requests is used up until/ },
  {
    what: 'is over a secondary limit for long',
    fault: { status: 403, headers: { 'retry-after': '600' } },
    says: /limit on requests is used up until/,
  },
  { what: 'is lost', fault: 'hang up', says: /read the deployments of worker to staging in acme/ },
  { what: 'fails', fault: { status: 503 }, says: /\(503\)/ },
];

test.each(faults)(
  'a service whose own reading $what is unknown, and the others are known',
  async ({ fault, says }) => {
    threePages();
    github.fake.faultOf = (request) => (asksFor(request, 'worker') ? fault : undefined);
    const found = await readDeployed(ledger(), { services, most: 100 });
    expect(short(found)).toEqual({ web: 'b', api: 'a' });
    expect([...found.unknown.keys()]).toEqual(['worker']);
    expect(found.unknown.get('worker')).toMatch(says);
  },
);

test.each(faults)(
  'what the first page told holds when the next one $what, and the rest is searched',
  async ({ fault }) => {
    threePages();
    github.fake.faultOf = (request) => (isPageAfterFirst(request) ? fault : undefined);
    const found = await readDeployed(ledger(), { services });
    expect(short(found)).toEqual({ web: 'b', api: 'a', worker: 'b' });
    expect([...found.unknown]).toEqual([]);
  },
);

test('a GitHub that fails at whole pages is asked for each service', async () => {
  threePages();
  github.fake.faultOf = (request) => (isPage(request) ? { status: 502 } : undefined);
  expect(short(await readDeployed(ledger(), { services }))).toEqual({
    web: 'b',
    api: 'a',
    worker: 'b',
  });
  const question = { services, targets: [''], commit: commitB };
  expect(Object.fromEntries((await readSuccesses(ledger(), question)).commits)).toEqual({
    web: [commitB],
    api: [commitA],
    worker: [commitB],
  });
});

test.each([
  { what: 'refuses', always: { status: 403, body: { message: 'No' } }, requests: 1 },
  { what: 'is away', always: 'hang up' as const, requests: 4 },
])('a GitHub that $what is not asked for each service', async ({ always, requests }) => {
  github.fake.always = always;
  await expect(readDeployed(ledger(), { services })).rejects.toThrow('the deployments to staging');
  expect(github.fake.seen).toHaveLength(requests);
});

test('of many services four are searched at a time, and none after four failed', async () => {
  const many = Array.from({ length: 40 }, (_, index) => `service-${index}`);
  for (let count = 0; count < 101; count += 1) deployed('web', commitA);
  github.fake.faultOf = (request) => (isPage(request) ? undefined : { status: 403, body: {} });
  const found = await readDeployed(ledger(), { services: many, most: 100 });
  expect([...found.unknown.keys()].sort()).toEqual([...many].sort());
  expect(github.fake.seen.filter((request) => !isPage(request))).toHaveLength(4);
});

/** A client whose every request takes `ms` of the fake clock, and all of them `limitMs` at most. */
function slowClient({ ms, limitMs }: { ms: number; limitMs: number }): GitHubRepository {
  const signal = timeLimit(github.clock, limitMs);
  return github.client({
    signal,
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      github.clock.advance(ms);
      init?.signal?.throwIfAborted();
      return answer;
    },
  });
}

test('a limit of time takes nothing away that was read before it', async () => {
  threePages();
  const client = slowClient({ ms: 9000, limitMs: 20_000 });
  const found = await readDeployed(ledger(client), { services });
  expect(short(found)).toEqual({ web: 'b' });
  expect([...found.unknown.keys()].sort()).toEqual(['api', 'worker']);
  expect(found.unknown.get('api')).toMatch(
    /^GitHub could not read the deployments of api to staging .*It took longer than 20s/,
  );
});

test('500 deployments of a slow GitHub are read within a minute', async () => {
  deployed('api', commitA);
  for (let count = 0; count < 499; count += 1) deployed('web', commitB);
  const client = slowClient({ ms: 9000, limitMs: 60_000 });
  const found = await readDeployed(ledger(client), { services: ['api', 'web'] });
  expect(short(found)).toEqual({ api: 'a', web: 'b' });
});

test('a job that is cancelled ends the reading', async () => {
  threePages();
  const cancelled = new AbortController();
  github.fake.faultOf = () => {
    cancelled.abort(new Error('cancelled'));
    return 'silence';
  };
  const client = github.client({ signal: cancelled.signal });
  await expect(readDeployed(ledger(client), { services })).rejects.toThrow('cancelled');
});

test('several places of one environment share the pages', async () => {
  for (let count = 0; count < 150; count += 1) {
    deployed('web', commitA, 'eu');
    deployed('web', commitB, 'us');
  }
  deployed('api', commitA, 'us');
  const shared = ledger();
  const read = (target: string) => readDeployed(shared, { services: ['api', 'web'], target });
  const [eu, us] = await Promise.all([read('eu'), read('us')]);
  expect([short(eu), short(us)]).toEqual([{ web: 'a' }, { web: 'b', api: 'a' }]);
  expect(github.fake.seen.filter(isPage)).toHaveLength(4);
});

test('what is recorded of services that nobody asked for is told', async () => {
  deployed('orders', commitA);
  deployed('orders', commitB);
  deployed('api', commitA);
  const { others, deployed: known } = await readDeployed(ledger(), { services: ['api', 'web'] });
  expect([...known.keys()]).toEqual(['api']);
  expect([...others].map(([name, { version }]) => [name, version.commit])).toEqual([
    ['orders', commitB],
  ]);
});

test('what was verified is told service by service, and what is not known', async () => {
  threePages();
  github.fake.faultOf = (request) => (asksFor(request, 'worker') ? limited : undefined);
  const question = { services, targets: [''], commit: commitA, most: 100 };
  const { commits, unknown } = await readSuccesses(ledger(), question);
  expect(Object.fromEntries(commits)).toEqual({ web: [commitB], api: [commitA] });
  expect([...unknown.keys()]).toEqual(['worker']);
});
