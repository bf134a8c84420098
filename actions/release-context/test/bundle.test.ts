import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runBundle } from '@slipway/testing';
import {
  dispatchEvent,
  pullRequestEvent,
  releaseEvent,
  repositoryDispatchEvent,
  tagEvent,
} from '../../../test/fixtures/github-events.ts';
import { mutated, numbers } from '../../../packages/release/test/event/payload-mutation.ts';
import type { GitHubEvent } from '../../../test/fixtures/github-payload.ts';
import { changePricing, writeFiles } from '../../../test/fixtures/shop-edits.ts';
import {
  createShopRepository,
  type ShopRepository,
} from '../../../test/fixtures/shop-repository.ts';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(120_000);

describe('the bundle of release-context', () => {
  let folder: string;
  let shop: ShopRepository;
  let base: string;
  let head: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-context-'));
    await ensureBundles(['release-context']);
    shop = await createShopRepository(path.join(folder, 'shop'));
    base = await shop.sha();
    head = await shop.commit('Better prices', changePricing());
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const plan = (event: GitHubEvent, inputs: Readonly<Record<string, string>> = {}) =>
    runBundle({
      action: 'release-context',
      workspace: shop.dir,
      event,
      env: event.env,
      inputs: { registry: 'ghcr.io/acme', ...inputs },
    });

  it('plans a pull request for the services that the change concerns', async () => {
    const run = await plan(
      pullRequestEvent({ base: { sha: base }, head: { ref: 'x', sha: head }, merge: head }),
    );
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({
      kind: 'pull-request',
      environment: '',
      services: '["api","rules"]',
      deployments: '{"include":[]}',
      'test-plan': 'run',
    });
    const { include } = JSON.parse(run.outputs['tests'] ?? '') as { include: object[] };
    expect(include).toMatchObject([
      { module: '.', label: 'root', packages: expect.stringContaining('./internal/pricing\n') },
    ]);
    expect(run.summary).toMatch(/\| api because of \| internal\/pricing\//);
    expect(run.outputs['version']).toMatch(/^0\.0\.0-pr-17\.\d{14}\.g[0-9a-f]{7}$/);
    expect(run.summary).toMatch(/\| services \| api, rules \|/);
  });

  it('plans a tag for every service, with what a deployment needs', async () => {
    const run = await plan(tagEvent({ tag: 'v1.2.3', commit: { sha: head, message: 'x' } }));
    expect(run.outputs).toMatchObject({
      kind: 'tag',
      version: '1.2.3',
      environment: 'production',
      services: '["api","ledger","quotes","rules","worker"]',
    });
    const matrix = JSON.parse(run.outputs['deployments'] ?? '') as { include: object[] };
    expect(matrix.include[0]).toMatchObject({
      label: 'api',
      service: 'api',
      chart: 'services/api/chart',
      image: 'ghcr.io/acme/api',
      namespace: 'production',
      'value-files': 'services/api/chart/values-production.yaml',
    });
    expect(JSON.parse(run.outputs['context'] ?? '')).toMatchObject({
      sha: head,
      repository: 'acme/shop',
      actor: 'octocat',
      'run-url': 'https://github.com/acme/shop/actions/runs/1',
    });
  });

  it('plans a dispatch for the services and the environment that it names', async () => {
    const run = await plan(
      dispatchEvent({ sha: head, inputs: { environment: 'qa', services: 'worker' } }),
    );
    expect(run.outputs).toMatchObject({
      kind: 'dispatch',
      environment: 'qa',
      services: '["worker"]',
    });
  });

  it('plans nothing for a release that was edited, and ends well', async () => {
    const event = releaseEvent({ tag: 'v1.2.3', action: 'edited', sha: head });
    const run = await plan(event, { services: 'nowhere/*' });
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({
      kind: 'none',
      version: '',
      environment: '',
      services: '[]',
      matrix: '{"include":[]}',
      deployments: '{"include":[]}',
      packages: '',
    });
    expect(run.summary).toMatch(/nothing to release: the release .*v1\.2\.3.* was edited/);
  });

  it('never takes a list of services for every service', async () => {
    const event = repositoryDispatchEvent({ sha: head, payload: { services: ['api'] } });
    const run = await plan(event);
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toEqual({});
    expect(run.stdout).toMatch(/client_payload\.services .* is a list where text is expected/);
  });

  it('refuses a tag with a command in it, and sets no output', async () => {
    const tag = 'v1.2.3\n::add-path::/tmp/evil';
    const run = await plan(tagEvent({ tag, commit: { sha: head, message: 'x' } }));
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toEqual({});
    expect(run.stdout).not.toMatch(/^::add-path/m);
    expect(run.summary).toMatch(/is not a release tag/);
  });

  it('takes tampered payloads without a crash, a command or a hidden character', async () => {
    const { payload } = tagEvent({ tag: 'v1.2.3', commit: { sha: head, message: 'x' } });
    for (let seed = 0; seed < 8; seed += 1) {
      const random = numbers(seed);
      const ref = String(mutated('refs/tags/v1.2.3', () => 0.0001 + random() / 20));
      const run = await plan({
        name: 'push',
        payload: mutated({ ...payload, ref }, random) as Record<string, unknown>,
        env: { GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_ACTOR: '\u202Eevil\u001b[31m' },
      });
      expect([0, 1]).toContain(run.exitCode);
      expect(run.stdout).not.toMatch(/^::(?!debug|error|notice|warning|add-mask|group|endgroup)/m);
      expect(run.stdout).not.toMatch(/ at .*\.ts:\d+|TypeError|RangeError/);
      const told = [run.summary, ...Object.values(run.outputs)].join('').replaceAll('\n', '');
      expect(told).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
    }
  });

  it('lists every bad input at once', async () => {
    const run = await plan(tagEvent({ tag: 'v1.2.3', commit: { sha: head, message: 'x' } }), {
      registry: 'GHCR.io/Acme',
      targets: 'linux',
      environments: 'tags=x',
      'base-ref': '--exec=id',
      services: '-rf',
    });
    expect(run.exitCode).toBe(1);
    for (const name of ['registry', 'targets', 'environments', 'base-ref', 'services'])
      expect(run.stdout).toContain(`${name}: `);
  });

  it('tells a change that can break nothing from one that it cannot judge', async () => {
    const base = await shop.sha();
    const sha = await shop.commit('Words', (dir) => writeFiles({ 'docs/words.md': 'x' })(dir));
    const event = (of: string) =>
      pullRequestEvent({ base: { sha: of }, head: { ref: 'x', sha }, merge: sha });
    const words = await plan(event(base));
    expect(words.outputs).toMatchObject({ 'test-plan': 'nothing', tests: '{"include":[]}' });
    expect(words.summary).toMatch(/\| tests \| nothing: no Go package can be broken by this/);
    const unknown = await plan(event('d'.repeat(40)));
    expect(unknown.outputs).toMatchObject({ 'test-plan': 'run', packages: './...' });
    expect(unknown.summary).toMatch(/is not in this clone/);
  });

  it('shows a file whose name was made to deceive with what it hides', async () => {
    const base = await shop.sha();
    const name = 'services/api/\u202ecod.exe\n::warning::x\u001b[2J.txt';
    const sha = await shop.commit('A name', (dir) => writeFiles({ [name]: 'x' })(dir));
    const run = await plan(
      pullRequestEvent({ base: { sha: base }, head: { ref: 'x', sha }, merge: sha }),
    );
    expect(run.stdout).toContain('"services/api/\\u202ecod.exe\\n::warning::x\\u001b[2J.txt"');
    expect(run.summary).toContain('u202ecod.exe');
    expect(run.stdout + run.summary).not.toMatch(/[\u202e\u001b]/);
  });

  it('plans by the slipway.yml at the root, and refuses one that is wrong with line and column', async () => {
    const text = `registry: registry.example/shop
services:
  services/*:
  '!services/rules':
  services/api:
    helm: { timeout: 7m }
    depends-on: [ledger]
environments:
  live:
    when: { kind: tag }
    namespace: '{service}-live'
`;
    const sha = await shop.commit('One file', writeFiles({ 'slipway.yml': text }));
    const event = tagEvent({ tag: 'v1.2.3', commit: { sha, message: 'x' } });
    const run = await plan(event, { registry: '' });
    expect(run.outputs).toMatchObject({
      environment: 'live',
      services: '["api","ledger","quotes","worker"]',
    });
    const matrix = JSON.parse(run.outputs['matrix'] ?? '') as { include: object[] };
    expect(matrix.include.at(-1)).toMatchObject({
      service: 'api',
      order: '1',
      image: 'registry.example/shop/api',
      namespace: 'api-live',
      helm: '{"timeout":"7m"}',
    });
    expect(run.summary).toContain('| 7m | slipway.yml:6 services.');
    await shop.commit('Wrong', writeFiles({ 'slipway.yml': text.replace('timeout', 'timeuot') }));
    const wrong = await plan(event);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.outputs).toEqual({});
    expect(wrong.stdout).toContain('slipway.yml:6:13: services."services/api".helm.timeuot');
  });
});
