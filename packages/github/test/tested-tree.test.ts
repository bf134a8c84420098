import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { StoredPull } from '@slipway/testing';
import { findTestedTree, recordTestedTree, type TestedClaim } from '../src/index.ts';
import { commitA, commitB, startFakeRepository, type FakeRepository } from './fake-repository.ts';

let github: FakeRepository;

beforeAll(async () => {
  github = await startFakeRepository();
});
afterAll(() => github.close());
afterEach(() => github.reset());

const tree = '1'.repeat(40);
const runUrl = 'https://github.com/acme/shop/actions/runs/7';
const all = `all-${'0'.repeat(32)}`;
const some = `some-${'5'.repeat(32)}`;
const record = (commit: string, change: Partial<TestedClaim> = {}) =>
  recordTestedTree(github.client(), {
    commit,
    claim: { tree, tests: some, all, ...change },
    runUrl,
  });
const find = (commit = commitA) => findTestedTree(github.client(), commit);

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
  expect(await find()).toEqual({ tree, tests: some, commit: commitA, runUrl });
});

test('what a pull request tested is known by the head that was merged', async () => {
  merged();
  await record(commitB);
  expect(await find()).toEqual({ tree, tests: some, commit: commitB, runUrl });
});

const base = { commit: commitB, tree: '2'.repeat(40) };
const whole: Partial<TestedClaim> = { tree: base.tree, tests: all };

test('what a change can break is all that is left to pass after a base that passed all', async () => {
  await record(base.commit, whole);
  expect(await record(commitA, { base })).toBe(all);
  expect(await find()).toMatchObject({ tree, tests: all });
});

test.each<{ what: string; before: Partial<TestedClaim> }>([
  { what: 'passed only some', before: { tree: base.tree } },
  { what: 'has another tree on record', before: { tree: '3'.repeat(40), tests: all } },
  {
    what: 'passed all with other settings',
    before: { tree: base.tree, tests: `all-${'1'.repeat(32)}` },
  },
])('a base that $what leaves it at some', async ({ before }) => {
  await record(base.commit, before);
  expect(await record(commitA, { base })).toBe(some);
});

test('a base of which nothing is on record leaves it at some', async () => {
  expect(await record(commitA, { base })).toBe(some);
});

test('a base whose record somebody else wrote leaves it at some', async () => {
  github.fake.repository.writer = 'mallory';
  await record(base.commit, whole);
  github.fake.repository.writer = 'github-actions[bot]';
  expect(await record(commitA, { base })).toBe(some);
});

test.each([
  'tree passed',
  `tree ${tree} passed all`,
  `tree x passed ${some}`,
  `tree ${tree} passed`,
])('a description that is not ours, %j, counts for nothing', async (description) => {
  await record(commitA);
  const [told] = github.fake.repository.commitStatuses;
  if (told === undefined) throw new Error('nothing was written');
  told.description = description;
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
