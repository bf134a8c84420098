import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { addDeployment } from '@slipway/testing';
import { deploymentPayload, deploymentTask } from '../src/deployment-payload.ts';
import { openLedger, readSuccesses } from '../src/index.ts';
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

function deployed(service: string, commit: string, state = 'success', target = ''): void {
  const version = versionOf(service, commit, target);
  addDeployment(github.fake.repository, {
    sha: commit,
    environment: 'staging',
    task: deploymentTask(version),
    payload: deploymentPayload(version),
    statuses: [{ state, createdAt: '2026-11-29T10:00:00Z' }],
  });
}

const read = async (
  given: { commit?: string; targets?: readonly string[]; most?: number } = {},
): Promise<unknown> =>
  Object.fromEntries(
    (
      await readSuccesses(openLedger(github.client(), 'staging'), {
        services: ['api', 'worker'],
        targets: given.targets ?? [''],
        commit: given.commit ?? 'f'.repeat(40),
        most: given.most ?? 500,
      })
    ).commits,
  );

test('every commit at which a service was deployed with success is told, the newest first', async () => {
  deployed('api', commitA);
  deployed('api', commitB);
  deployed('api', commitA);
  deployed('worker', commitB, 'failure');
  expect(await read()).toEqual({ api: [commitA, commitB] });
});

test('a commit that failed when it was deployed once more is not told, one that is under way again is', async () => {
  deployed('api', commitA);
  deployed('api', commitB);
  deployed('api', commitB, 'failure');
  deployed('worker', commitA, 'failure');
  deployed('worker', commitA);
  deployed('worker', commitA, 'in_progress');
  expect(await read()).toEqual({ api: [commitA], worker: [commitA] });
});

test('targets are kept apart', async () => {
  deployed('api', commitA, 'success', 'eu');
  deployed('api', commitB, 'success', 'us');
  expect(await read({ targets: ['eu'] })).toEqual({ api: [commitA] });
  expect(await read()).toEqual({});
});

test('nothing older is read when the commit that is asked for was found', async () => {
  for (let count = 0; count < 150; count += 1) deployed('other', commitA);
  for (const service of ['api', 'worker']) deployed(service, commitB);
  await read({ commit: commitB });
  expect(github.fake.seen).toHaveLength(1);
  await read();
  expect(github.fake.seen).toHaveLength(3);
});

test('a service whose deployments lie behind those of others is searched by name', async () => {
  deployed('api', commitA);
  for (let count = 0; count < 150; count += 1) deployed('other', commitA);
  expect(await read({ most: 100 })).toEqual({ api: [commitA] });
});
