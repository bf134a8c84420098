import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { addDeployment, runBundle, startFakeGitHub, type FakeGitHub } from '@slipway/testing';
import { tagEvent } from '../../../test/fixtures/github-events.ts';
import {
  changePricing,
  shopServices,
  touchDocs,
  writeFiles,
} from '../../../test/fixtures/shop-edits.ts';
import {
  createShopRepository,
  type ShopRepository,
} from '../../../test/fixtures/shop-repository.ts';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(180_000);

const page = path.resolve(import.meta.dirname, '..', '..', '..', 'docs', 'two-regions.md');
/** The file of the page about two regions, as it stands there. */
const [, fleet = ''] = /^```yaml\n(.*?)^```/ms.exec(readFileSync(page, 'utf8')) ?? [];

describe('an environment that requires another', () => {
  let folder: string;
  let shop: ShopRepository;
  let github: FakeGitHub;
  let first: string;
  let prices: string;
  let words: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-required-'));
    await ensureBundles(['release-context']);
    github = await startFakeGitHub();
    shop = await createShopRepository(path.join(folder, 'shop'));
    first = await shop.commit(
      'Two regions',
      writeFiles({
        'slipway.yml': `${fleet}services:\n  services/*:\n  services/worker: { depends-on: api }\n`,
      }),
    );
    prices = await shop.commit('Better prices', changePricing());
    words = await shop.commit('Words', touchDocs());
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

  function verified(commit: string, services: readonly string[] = shopServices): void {
    for (const service of services)
      addDeployment(github.repository, {
        sha: commit,
        environment: 'staging',
        task: `slipway:${service}`,
        payload: {
          ...{ slipway: 1, service, version: '1.0.0', digest: '', commit },
          ...{ release: service, namespace: 'staging', target: '' },
        },
        statuses: [{ state: 'success', createdAt: '2026-11-29T10:00:00Z' }],
      });
  }

  /** A tag at the newest commit. */
  async function plan(inputs: Readonly<Record<string, string>> = {}) {
    const event = tagEvent({ tag: 'v2.0.0', commit: { sha: words, message: 'Words' } });
    const run = await runBundle({
      action: 'release-context',
      workspace: shop.dir,
      event,
      env: { ...event.env, GITHUB_API_URL: github.apiUrl },
      inputs: { registry: 'ghcr.io/acme', 'github-token': 'a-token', ...inputs },
    });
    expect([run.exitCode, github.problems]).toEqual([0, []]);
    const stages = JSON.parse(run.outputs['stages'] ?? '') as {
      include: { service: string; target: string }[];
    }[];
    const held = JSON.parse(run.outputs['held'] ?? '') as { service: string; why: string }[];
    return {
      run,
      held: Object.fromEntries(held.map(({ service, why }) => [service, why])),
      stages: stages.map(({ include }) => include.map((each) => `${each.service}@${each.target}`)),
    };
  }
  const everyone = ['api', 'ledger', 'quotes', 'rules', 'worker'];

  it('lets in what was verified there at this commit, in the stages that the page shows', async () => {
    verified(words);
    // What staging has since is no reason.
    verified('d'.repeat(40));
    const { held, stages, run } = await plan();
    expect(held).toEqual({});
    expect(stages).toEqual([
      ['api@eu', 'ledger@eu', 'quotes@eu', 'rules@eu'],
      ['worker@eu'],
      ['api', 'ledger', 'quotes', 'rules'].flatMap((name) => [`${name}@us`, `${name}@ap`]),
      ['worker@us', 'worker@ap'],
    ]);
    expect(run.outputs['clusters']).toBe(
      '["shop-eu-central-1","shop-us-east-1","shop-ap-south-1"]',
    );
  });

  it('lets in what did not change since it was verified, and holds back who depends on the rest', async () => {
    verified(first);
    const { held, stages, run } = await plan();
    const since = `last verified in staging at ${first.slice(0, 7)}, and since: internal/pricing/`;
    expect(held).toEqual({
      api: expect.stringContaining(since),
      rules: expect.stringContaining(since),
      worker: 'it depends on api, which is held back',
    });
    expect(stages[0]).toEqual(['ledger@eu', 'quotes@eu']);
    const deployed = JSON.parse(run.outputs['deployments'] ?? '') as {
      include: { service: string }[];
    };
    expect(deployed.include.map(({ service }) => service)).toEqual(['ledger', 'quotes']);
    expect(run.summary).toContain('| api held back | last verified in staging');
  });

  it('lets in by an older verification that is as good as this commit', async () => {
    verified(prices);
    verified(first, ['api']);
    expect((await plan()).held).toEqual({});
  });

  it('holds back what was never verified there', async () => {
    verified(words, ['api', 'worker', 'ledger', 'quotes']);
    const { held } = await plan();
    expect(held).toEqual({ rules: 'no successful deployment to staging on record' });
  });

  it.each([
    { what: 'GitHub is away', always: 'hang up' as const, inputs: {} },
    { what: 'there is no token', always: undefined, inputs: { 'github-token': '' } },
  ])('lets nobody in when $what, and says so', async ({ always, inputs }) => {
    verified(words);
    github.always = always;
    const { held, stages, run } = await plan(inputs);
    expect(Object.keys(held).sort()).toEqual(everyone);
    expect(stages).toEqual([]);
    const told = run.annotations.find(({ level }) => level === 'error')?.message;
    expect(told).toMatch(/cannot be read, so nothing is let into production: [^]*allow-unverified/);
  });

  it('holds back only those of which GitHub did not tell, and who depends on them', async () => {
    verified(words);
    github.faultOf = ({ path: asked, query }) => {
      if (asked === '/graphql') return { status: 502 };
      return query['task'] === 'slipway:api' ? 'hang up' : undefined;
    };
    expect((await plan()).held).toEqual({
      api: expect.stringMatching(/^what was verified in staging is not known: GitHub could not /),
      worker: 'it depends on api, which is held back',
    });
  });

  it('lets everything in when that is asked for, with a warning', async () => {
    const { held, stages, run } = await plan({ 'allow-unverified': 'true' });
    expect([held, stages.length]).toEqual([{}, 4]);
    expect(run.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('allow-unverified lets everything into production'),
      }),
    );
  });
});
