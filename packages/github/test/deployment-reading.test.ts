import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { addDeployment, type StoredDeployment } from '@slipway/testing';
import { deploymentPayload, deploymentTask } from '../src/deployment-payload.ts';
import { openLedger, readDeployed } from '../src/index.ts';
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

const at = (second: number): string => `2026-11-29T10:00:${String(second).padStart(2, '0')}Z`;

/** A deployment of ours with its states, the oldest first. */
function ours(
  service: string,
  commit: string,
  states: readonly string[],
  more: Partial<StoredDeployment> = {},
): StoredDeployment {
  return addDeployment(github.fake.repository, {
    sha: commit,
    environment: 'staging',
    task: `slipway:${service}`,
    payload: deploymentPayload(versionOf(service, commit)),
    statuses: states.map((state, second) => ({ state, createdAt: at(second) })).reverse(),
    ...more,
  });
}

const staging = () => openLedger(github.client(), 'staging');
const read = (services: readonly string[] = ['api', 'worker']) =>
  readDeployed(staging(), { services });

async function commits(services?: readonly string[]): Promise<Record<string, string>> {
  const { deployed } = await read(services);
  return Object.fromEntries(
    [...deployed].map(([service, { version }]) => [service, version.commit.slice(0, 1)]),
  );
}

test('the newest deployment of a service that succeeded is what is deployed', async () => {
  ours('api', commitA, ['in_progress', 'success']);
  ours('worker', commitA, ['in_progress', 'success']);
  ours('api', commitB, ['in_progress', 'success']);
  expect(await commits()).toEqual({ api: 'b', worker: 'a' });
});

test.each([
  { what: 'failed', states: ['in_progress', 'failure'] },
  { what: 'was cancelled', states: ['in_progress', 'error'] },
  { what: 'is still under way', states: ['in_progress'] },
  { what: 'has no status, since it could not be written', states: [] },
  { what: 'was taken back after it had succeeded', states: ['success', 'failure'] },
])('a deployment that $what leaves the one before in place, and a doubt', async ({ states }) => {
  ours('api', commitA, ['success']);
  ours('api', commitB, states);
  expect(await commits(['api'])).toEqual({ api: 'a' });
  expect((await read(['api'])).undecided).toEqual(new Map([['api', commitB]]));
});

test('a doubt ends with the next success, and the same commit leaves none', async () => {
  ours('api', commitB, ['in_progress']);
  ours('api', commitA, ['success']);
  ours('api', commitA, ['failure']);
  expect((await read(['api'])).undecided.size).toBe(0);
});

test('a success that GitHub made inactive, since another job ended, is still deployed', async () => {
  ours('api', commitA, ['in_progress', 'success', 'inactive']);
  expect(await commits(['api'])).toEqual({ api: 'a' });
});

test('a rollback by name, which is newer, counts with its older commit', async () => {
  ours('api', commitA, ['success']);
  ours('api', commitB, ['success']);
  ours('api', commitA, ['success']);
  expect(await commits(['api'])).toEqual({ api: 'a' });
});

const hostile: readonly { what: string; change: Partial<StoredDeployment> }[] = [
  { what: "the job's own, which GitHub makes", change: { task: 'deploy', payload: {} } },
  { what: 'with our payload but for another task', change: { task: 'deploy' } },
  { what: 'for the task of another service', change: { task: 'slipway:worker' } },
  { what: 'whose payload names another commit', change: { sha: commitB } },
  {
    what: 'for another place by its task',
    change: { task: 'slipway:api@eu' },
  },
  {
    what: 'whose place is no name',
    change: {
      task: 'slipway:api@../x',
      payload: { ...deploymentPayload(versionOf('api')), target: '../x' },
    },
  },
  { what: 'to another environment', change: { environment: 'production' } },
  { what: 'with a payload that is no object', change: { payload: ['slipway'] } },
  { what: 'with a payload that is no JSON', change: { payload: '{"slipway":1' } },
  { what: 'with a huge payload', change: { payload: 'x'.repeat(100_000) } },
  { what: 'with another form', change: { payload: { slipway: 2, service: 'api' } } },
  {
    what: 'with a commit that is an option',
    change: {
      sha: '--output=/etc/passwd',
      payload: { ...deploymentPayload(versionOf('api')), commit: '--output=/etc/passwd' },
    },
  },
  {
    what: 'with texts that are no texts',
    change: { payload: { ...deploymentPayload(versionOf('api')), version: { toString: 'x' } } },
  },
  {
    what: 'whose fields are inherited',
    change: { payload: '{"__proto__":{"slipway":1,"service":"api"}}' },
  },
];
test.each(hostile)('a deployment $what is passed over', async ({ change }) => {
  ours('api', commitA, ['success'], change);
  const { deployed, recorded } = await read();
  expect([...deployed.keys()]).toEqual([]);
  expect(recorded).toBe(false);
});

test('a payload that was sent as text is read as well', async () => {
  const payload = JSON.stringify(deploymentPayload(versionOf('api')));
  ours('api', commitA, ['success'], { payload });
  expect(await commits(['api'])).toEqual({ api: 'a' });
});

/** One that a call named `target` wrote, or one to the target of that name. */
function placed(target: string, commit: string, states: readonly string[]): void {
  const version = versionOf('api', commit, target);
  ours('api', commit, states, {
    task: deploymentTask(version),
    payload: deploymentPayload(version),
  });
}

test('two places in one environment keep their records apart', async () => {
  placed('eu', commitA, ['success']);
  placed('us', commitB, ['failure']);
  placed('us/canary', commitB, ['success']);
  const of = async (target: string): Promise<unknown> => {
    const { deployed, recorded } = await readDeployed(staging(), { services: ['api'], target });
    return [deployed.get('api')?.version.commit.slice(0, 1), recorded];
  };
  expect(await of('eu')).toEqual(['a', true]);
  expect(await of('us')).toEqual([undefined, true]);
  expect(await of('us/canary')).toEqual(['b', true]);
  expect(await of('')).toEqual([undefined, false]);
});

test('a record without a target, as all were once, counts for what has none', async () => {
  const whole = deploymentPayload(versionOf('api'));
  const { target, ...payload } = whole;
  expect(target).toBe('');
  ours('api', commitA, ['success'], { payload });
  expect(await commits(['api'])).toEqual({ api: 'a' });
});

test('a service of one place is found behind 500 deployments of another', async () => {
  placed('eu', commitB, ['success']);
  for (let count = 0; count < 500; count += 1) placed('us', commitA, ['success']);
  placed('', commitA, ['success']);
  const { deployed } = await readDeployed(staging(), { services: ['api'], target: 'eu' });
  expect(deployed.get('api')?.version).toMatchObject({ commit: commitB, target: 'eu' });
});

test('an environment in which everything failed is told from one without a record', async () => {
  expect(await read()).toMatchObject({ recorded: false });
  ours('api', commitA, ['failure']);
  expect(await read()).toMatchObject({ recorded: true, unknown: new Map() });
});

test('reading ends with the page on which the last service was found', async () => {
  for (let count = 0; count < 300; count += 1) ours('worker', commitA, ['success']);
  ours('api', commitB, ['success']);
  expect(await commits()).toEqual({ api: 'b', worker: 'a' });
  expect(github.fake.seen).toHaveLength(1);
});

test('500 deployments are read in five requests', async () => {
  ours('api', commitB, ['success']);
  for (let count = 0; count < 499; count += 1) ours('worker', commitA, ['success']);
  expect(await commits()).toEqual({ api: 'b', worker: 'a' });
  expect(github.fake.seen.map(({ path }) => path)).toEqual(Array(5).fill('/graphql'));
});

test('a service whose deployment lies behind 500 others is searched by its name', async () => {
  ours('api', commitB, ['success']);
  ours('api', commitA, ['failure']);
  for (let count = 0; count < 600; count += 1)
    ours('worker', commitA, ['success'], count % 2 === 0 ? {} : { task: 'deploy', payload: {} });
  expect(await commits()).toEqual({ api: 'b', worker: 'a' });
  expect(github.fake.seen.slice(5).map(({ path, query }) => [path, query['task']])).toEqual([
    ['/repos/acme/shop/deployments', 'slipway:api'],
    [expect.stringMatching(/\/deployments\/\d+\/statuses$/), undefined],
    [expect.stringMatching(/\/deployments\/\d+\/statuses$/), undefined],
  ]);
  expect((await read()).undecided).toEqual(new Map([['api', commitA]]));
});

test('services beyond those that are searched are unknown, not undeployed', async () => {
  for (let count = 0; count < 101; count += 1) ours('worker', commitA, ['success']);
  const question = { services: ['api', 'worker', 'web'], most: 100, mostSearched: 1 };
  const result = await readDeployed(staging(), question);
  expect([...result.unknown]).toEqual([['web', 'too many deployments lie before its own']]);
  expect([...result.deployed.keys()]).toEqual(['worker']);
});
