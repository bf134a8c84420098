import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runBundle, startFakeGitHub, type FakeGitHub } from '@slipway/testing';
import { pullRequestEvent } from '../../../test/fixtures/github-events.ts';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';

// A bundle may have to be made first.
jest.setTimeout(600_000);

const tree = '1'.repeat(40);
const claim = JSON.stringify({
  tree,
  tests: `some-${'5'.repeat(32)}`,
  all: `all-${'0'.repeat(32)}`,
});

describe('the bundle of tested-tree', () => {
  let github: FakeGitHub;
  beforeAll(async () => {
    await ensureBundles(['tested-tree']);
    github = await startFakeGitHub();
  }, 600_000);
  afterAll(() => github.close());
  afterEach(() => {
    github.repository.commitStatuses = [];
    github.always = undefined;
  });

  const act = (
    inputs: Readonly<Record<string, string>>,
    more: Partial<Parameters<typeof runBundle>[0]> = {},
  ) =>
    runBundle({
      action: 'tested-tree',
      env: { GITHUB_API_URL: github.apiUrl },
      inputs: { 'github-token': 'a-token', ...inputs },
      ...more,
    });

  it('finds what it recorded, and says what and where', async () => {
    const recorded = await act({ mode: 'record', claim });
    expect(recorded.exitCode).toBe(0);
    expect(recorded.annotations).toEqual([]);
    const found = await act({ mode: 'find' });
    expect(github.problems).toEqual([]);
    expect(JSON.parse(found.outputs['tested'] ?? '')).toEqual({
      tree,
      tests: `some-${'5'.repeat(32)}`,
      run: 'https://github.com/acme/shop/actions/runs/1',
    });
    expect(found.outputs['tested']).toBe(recorded.outputs['tested']);
    expect(found.summary).toContain('passed in https');
  });

  it('notes a pull request on its head, which is what can be found again', async () => {
    const head = 'b'.repeat(40);
    const event = pullRequestEvent({
      base: { sha: 'a'.repeat(40) },
      head: { ref: 'change', sha: head },
      merge: 'c'.repeat(40),
    });
    await act({ mode: 'record', claim }, { event });
    expect(github.repository.commitStatuses).toMatchObject([{ sha: head }]);
  });

  it.each(['record', 'find'])(
    'fails nothing when %s is refused, as to a fork, and says what then happens',
    async (mode) => {
      github.always = { status: 403, body: { message: 'Resource not accessible by integration' } };
      const run = await act({ mode, claim });
      expect(run.exitCode).toBe(0);
      expect(run.outputs['tested']).toBe('');
      expect(run.annotations).toMatchObject([{ level: 'notice' }]);
      for (const text of [run.annotations[0]?.message, run.summary])
        expect(text).toMatch(
          /Resource not accessible[^]*(?:runs the tests|tests are run)[^]*statuses: /,
        );
    },
  );

  it('records nothing when there is nothing to record, and asks nobody', async () => {
    github.seen = [];
    const run = await act({ mode: 'record', claim: '' });
    expect([run.exitCode, run.outputs['tested']]).toEqual([0, '']);
    expect(github.seen).toEqual([]);
  });

  it('finds nothing where nothing is on record', async () => {
    const run = await act({ mode: 'find' });
    expect(run.outputs['tested']).toBe('');
    expect(run.summary).toContain('no tests of');
  });
});
