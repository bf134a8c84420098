import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { addDeployment, runBundle, startFakeGitHub, type FakeGitHub } from '@slipway/testing';
import { tagEvent } from '../../../test/fixtures/github-events.ts';
import type { GitHubEvent } from '../../../test/fixtures/github-payload.ts';
import { pushEvent } from '../../../test/fixtures/github-push.ts';
import { changePricing, shopServices, touchDocs } from '../../../test/fixtures/shop-edits.ts';
import {
  createShopRepository,
  type ShopRepository,
} from '../../../test/fixtures/shop-repository.ts';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(180_000);

describe('a plan that knows what is deployed', () => {
  let folder: string;
  let shop: ShopRepository;
  let github: FakeGitHub;
  let first: string;
  let prices: string;
  let words: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-deployed-'));
    await ensureBundles(['release-context']);
    github = await startFakeGitHub();
    shop = await createShopRepository(path.join(folder, 'shop'));
    first = await shop.sha();
    prices = await shop.commit('Better prices (#12)', changePricing());
    words = await shop.commit('Words <img src=x> (#13)', touchDocs());
  }, 600_000);
  afterAll(async () => {
    await github.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    github.repository.deployments = [];
    github.always = undefined;
    github.faultOf = undefined;
    github.problems = [];
  });

  /** A push of `words` alone, which concerns no service. */
  const push = (): GitHubEvent =>
    pushEvent({ before: prices, commits: [{ sha: words, message: 'Words' }] });

  const plan = (inputs: Readonly<Record<string, string>> = {}, event = push()) =>
    runBundle({
      action: 'release-context',
      workspace: shop.dir,
      event,
      env: { ...event.env, GITHUB_API_URL: github.apiUrl },
      inputs: { registry: 'ghcr.io/acme', 'github-token': 'a-token', ...inputs },
    });

  function deployed(service: string, commit: string, state: string, target = ''): void {
    addDeployment(github.repository, {
      sha: commit,
      environment: 'staging',
      task: `slipway:${service}${target && `@${target}`}`,
      payload: {
        ...{ slipway: 1, service, version: '1.0.0', digest: '', commit },
        ...{ release: service, namespace: 'staging', target },
      },
      statuses: [{ state, createdAt: '2026-11-29T10:00:00Z' }],
    });
  }

  it('catches up a service whose deployment failed, and says what would be deployed', async () => {
    for (const service of shopServices) deployed(service, first, 'success');
    deployed('rules', prices, 'success');
    deployed('api', prices, 'failure');
    const run = await plan();
    expect(github.problems).toEqual([]);
    expect(run.outputs['services']).toBe('["api"]');
    const [from, to] = [first.slice(0, 7), words.slice(0, 7)];
    expect(run.summary).toMatch(
      new RegExp(`\\| api \\| ${from} → ${to}, 1 commit&?[^|]*planned because of internal/pricing`),
    );
    expect(run.summary).toMatch(
      new RegExp(`\\| worker \\| ${from} → ${to}, 0 commits[^|]*left out`),
    );
    expect(run.summary).toContain(`${prices.slice(0, 7)} Better prices (#12)`);
    expect(run.annotations).toEqual([]);
  });

  it('plans a service of which no deployment succeeded yet, such as one whose build failed', async () => {
    for (const service of shopServices)
      if (service !== 'ledger') deployed(service, words, 'success');
    deployed('quotes', words, 'success');
    deployed('quotes', words, 'failure');
    const run = await plan();
    expect(run.outputs['services']).toBe('["ledger"]');
    expect(run.summary).toContain('no successful deployment to staging on record');
  });

  it('plans a service whose last deployment failed also when the push takes back what it brought', async () => {
    for (const service of shopServices) deployed(service, words, 'success');
    deployed('api', 'd'.repeat(40), 'failure');
    const run = await plan();
    expect(run.outputs['services']).toBe('["api"]');
    expect(run.summary).toContain('a later deployment of ddddddd did not succeed, or has not yet');
    expect(run.annotations).toEqual([]);
  });

  it('compares with what the branch pointed to before where nothing is recorded yet', async () => {
    const run = await plan();
    expect(run.outputs['services']).toBe('[]');
    expect(run.annotations).toEqual([]);
    expect(run.summary).toContain('| what is deployed | nothing is on record for staging yet, so ');
  });

  it('plans a service whose deployed commit is not in the clone', async () => {
    for (const service of shopServices) deployed(service, words, 'success');
    deployed('worker', 'd'.repeat(40), 'success');
    const run = await plan();
    expect(run.outputs['services']).toBe('["worker"]');
  });

  it('counts what the call of its name deployed, and nothing of other calls', async () => {
    for (const service of shopServices) {
      deployed(service, first, 'success', 'eu');
      deployed(service, words, 'success', 'us');
    }
    expect((await plan({ name: 'eu' })).outputs['services']).toBe('["api","rules"]');
    expect((await plan({ name: 'us' })).outputs['services']).toBe('[]');
  });

  it.each([
    { what: 'without the right to read them', always: { status: 403, body: { message: 'No' } } },
    { what: 'when GitHub is away', always: 'hang up' as const },
  ])('goes on $what, and says so', async ({ always }) => {
    github.always = always;
    const run = await plan();
    expect(run.exitCode).toBe(0);
    expect(run.outputs['services']).toBe('[]');
    expect(run.annotations).toMatchObject([{ level: 'notice' }]);
    expect(run.annotations[0]?.message).toMatch(
      /What is deployed to staging is not known: [^]*compared with what the branch pointed to before/,
    );
  });

  it('uses each answer that came from a GitHub that fails at others, and plans what it did not tell', async () => {
    for (const service of shopServices) deployed(service, words, 'success');
    deployed('api', prices, 'failure');
    github.faultOf = ({ path: asked, query }) => {
      if (asked === '/graphql') return { status: 502 };
      return query['task'] === 'slipway:worker' ? 'hang up' : undefined;
    };
    const run = await plan();
    expect(run.outputs['services']).toBe('["api","worker"]');
    expect(run.annotations).toMatchObject([{ level: 'notice' }]);
    expect(run.annotations[0]?.message).toMatch(
      /^What is deployed to staging of worker is not on record: GitHub could not read the deployments of worker /,
    );
    expect(run.summary).toMatch(
      /\| worker \| not known → [^|]*planned because of what is deployed/,
    );
  });

  it('lets a base of the user go before', async () => {
    for (const service of shopServices) deployed(service, words, 'success');
    const run = await plan({ 'base-ref': first });
    expect(run.outputs['services']).toBe('["api","rules"]');
  });

  it('tells of a tag what it brings to production', async () => {
    for (const service of shopServices) deployed(service, first, 'success');
    for (const deployment of github.repository.deployments) deployment.environment = 'production';
    const event = tagEvent({ tag: 'v1.2.3', commit: { sha: words, message: 'x' } });
    const run = await plan({}, event);
    expect(run.outputs['services']).toBe(JSON.stringify(shopServices));
    expect(run.summary).toContain(`${first.slice(0, 7)} → ${words.slice(0, 7)}`);
  });
});
