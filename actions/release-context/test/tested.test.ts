import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runBundle, startFakeGitHub, type FakeGitHub } from '@slipway/testing';
import { dispatchEvent, pullRequestEvent } from '../../../test/fixtures/github-events.ts';
import type { GitHubEvent } from '../../../test/fixtures/github-payload.ts';
import { pushEvent } from '../../../test/fixtures/github-push.ts';
import { changePricing, touchDocs } from '../../../test/fixtures/shop-edits.ts';
import {
  createShopRepository,
  type ShopRepository,
} from '../../../test/fixtures/shop-repository.ts';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(180_000);

describe('a release of a tree that was checked before', () => {
  let folder: string;
  let shop: ShopRepository;
  let github: FakeGitHub;
  let first: string;
  let prices: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-tested-'));
    await ensureBundles(['release-context', 'tested-tree']);
    github = await startFakeGitHub();
    shop = await createShopRepository(path.join(folder, 'shop'));
    first = await shop.sha();
    prices = await shop.commit('Better prices (#12)', changePricing());
  }, 600_000);
  afterAll(async () => {
    await github.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    github.repository.commitStatuses = [];
  });

  const plan = (event: GitHubEvent, inputs: Readonly<Record<string, string>> = {}) =>
    runBundle({ action: 'release-context', workspace: shop.dir, event, env: event.env, inputs });
  const note = async (
    event: GitHubEvent,
    inputs: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const run = await runBundle({
      action: 'tested-tree',
      event,
      env: { ...event.env, GITHUB_API_URL: github.apiUrl },
      inputs: { 'github-token': 'a-token', ...inputs },
    });
    expect(run.annotations).toEqual([]);
    return run.outputs['tested'] ?? '';
  };

  const pullRequest = (): GitHubEvent =>
    pullRequestEvent({ base: { sha: first }, head: { ref: 'x', sha: prices }, merge: prices });
  const push = (before = first, sha = prices): GitHubEvent =>
    pushEvent({ before, commits: [{ sha, message: 'Better prices' }] });

  /** What a release of `push` finds after the check of `checked` passed. */
  async function checked(event: GitHubEvent): Promise<string> {
    const { outputs } = await plan(event);
    await note(event, { mode: 'record', claim: outputs['test-claim'] ?? '' });
    return await note(push(), { mode: 'find', commit: prices });
  }

  it('takes over the tests when the same ones passed, and says where', async () => {
    const tested = await checked(pullRequest());
    const run = await plan(push(), { tested });
    expect(run.outputs['test-plan']).toBe('reused');
    expect(run.outputs['tested-in']).toBe('https://github.com/acme/shop/actions/runs/1');
    expect(run.outputs['services']).toBe('["api","rules"]');
    expect(run.summary).toMatch(/\| tests \| .*not run again, since this tree passed them before/);
  });

  it('runs them when more is to be tested than passed', async () => {
    const tested = await checked(pullRequest());
    // Its base is not in the clone, so everything counts as changed.
    const run = await plan(push('d'.repeat(40)), { tested });
    expect(run.outputs).toMatchObject({ 'test-plan': 'run', 'tested-in': '' });
    expect(run.stdout).toContain('tells of other tests than these');
  });

  it('runs them when they passed with other settings, such as another Go', async () => {
    const tested = await checked(pullRequest());
    const run = await plan(push(), { tested, 'test-settings': 'tools/go.mod' });
    expect(run.outputs['test-plan']).toBe('run');
  });

  it('takes over any tests when all passed before the change, and the change’s own after it', async () => {
    await shop.git('checkout', '--quiet', first);
    try {
      const whole = dispatchEvent({ sha: first });
      const { outputs } = await plan(whole);
      await note(whole, { mode: 'record', claim: outputs['test-claim'] ?? '', commit: first });
    } finally {
      await shop.git('checkout', '--quiet', prices);
    }
    const tested = await checked(pullRequest());
    expect(tested).toContain('"tests":"all-');
    const run = await plan(push('d'.repeat(40)), { tested });
    expect(run.outputs['test-plan']).toBe('reused');
  });

  it('runs them for another tree, and for a text that is none of ours', async () => {
    const tested = await checked(pullRequest());
    const words = await shop.commit('Words (#13)', touchDocs());
    try {
      // The same tests as before, on a tree that nobody tested.
      const other = await plan(push(first, words), { tested });
      expect(other.outputs['test-plan']).toBe('run');
      expect(other.stdout).toContain('tells of another tree than this one');
      const strange = await plan(push(first, words), { tested: 'yes\n::set-env name=x::y' });
      expect(strange.outputs['test-plan']).toBe('run');
      expect(strange.stdout).not.toMatch(/^::set-env/m);
    } finally {
      await shop.git('reset', '--quiet', '--hard', prices);
    }
  });

  it('has nothing to test, which is another word, when nothing can break', async () => {
    const tested = await checked(pullRequest());
    const run = await plan(push(prices), { tested });
    expect(run.outputs).toMatchObject({ 'test-plan': 'nothing', 'test-claim': '' });
  });
});
