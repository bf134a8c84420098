import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { StoredPull } from '@slipway/testing';
import { findTestedTree, recordTestedTree } from '../src/index.ts';
import { commitA, commitB, startFakeRepository, type FakeRepository } from './fake-repository.ts';

let github: FakeRepository;

beforeAll(async () => {
  github = await startFakeRepository();
});
afterAll(() => github.close());
afterEach(() => github.reset());

const tree = '1'.repeat(40);
const runUrl = 'https://github.com/acme/shop/actions/runs/7';
const record = (commit: string, of = tree) =>
  recordTestedTree(github.client(), { commit, tree: of, runUrl });
const find = () => findTestedTree(github.client(), { commit: commitA, tree });

function merged(change: Partial<StoredPull> = {}): void {
  github.fake.repository.pulls.push({
    number: 12,
    mergeCommit: commitA,
    mergedAt: '2026-11-29T10:00:00Z',
    headSha: commitB,
    headRepository: 'acme/shop',
    ...change,
  });
}

test('what a merge queue tested and then pushed is known by its own commit', async () => {
  await record(commitA);
  expect(await find()).toEqual({ commit: commitA, runUrl });
});

test('what a pull request tested is known by the head that was merged', async () => {
  merged();
  await record(commitB);
  expect(await find()).toEqual({ commit: commitB, runUrl });
});

test('another tree, such as that of a branch that was not up to date, is not known', async () => {
  merged();
  await record(commitB, '2'.repeat(40));
  expect(await find()).toBeUndefined();
});

test.each<{ what: string; change: Partial<StoredPull> }>([
  { what: 'of a fork', change: { headRepository: 'mallory/shop' } },
  { what: 'that was merged as another commit', change: { mergeCommit: commitB } },
  { what: 'that was not merged', change: { mergedAt: null } },
])('a pull request $what vouches for nothing', async ({ change }) => {
  merged(change);
  await record(commitB);
  expect(await find()).toBeUndefined();
});

test('a status that somebody else wrote counts for nothing', async () => {
  github.fake.repository.writer = 'mallory';
  await record(commitA);
  expect(await find()).toBeUndefined();
});

test('a newer status of the same context takes an older one back', async () => {
  await record(commitA);
  const [told] = github.fake.repository.commitStatuses;
  if (told === undefined) throw new Error('nothing was written');
  github.fake.repository.commitStatuses.unshift({ ...told, state: 'failure' });
  expect(await find()).toBeUndefined();
});

test('a pull request of a fork that was deleted vouches for nothing', async () => {
  merged({ headRepository: null });
  await record(commitB);
  expect(await find()).toBeUndefined();
  // GitHub answers null there, which its description leaves out.
  expect(github.fake.problems.splice(0)).toEqual([
    expect.stringMatching(/answer \/0\/head\/repo must be object$/),
  ]);
});
