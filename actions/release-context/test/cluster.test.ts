import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { systemClock } from '@slipway/runtime';
import {
  addDeployment,
  fakeApiServer,
  listenOnLoopback,
  runBundle,
  startFakeGitHub,
  type FakeApiServer,
  type FakeGitHub,
  type LoopbackApiServer,
} from '@slipway/testing';
import { pushEvent } from '../../../test/fixtures/github-push.ts';
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

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(180_000);

const entry = path.resolve(import.meta.dirname, '..', 'src', 'index.ts');
const secret = 'CANARY-kube+1/4b2d9f7a';
const short = (commit: string): string => commit.slice(0, 7);
const regions = `environments:
  staging:
    when: { branch: main }
    waves:
      - { name: eu, cluster: shop-eu, namespace: shop-eu }
      - { name: us, cluster: shop-us, namespace: shop-us }
`;

describe('a plan that may ask the cluster what is deployed', () => {
  let folder: string;
  let shop: ShopRepository;
  let github: FakeGitHub;
  let api: FakeApiServer;
  let cluster: LoopbackApiServer;
  let first: string;
  let prices: string;
  let words: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-stamps-'));
    github = await startFakeGitHub();
    shop = await createShopRepository(path.join(folder, 'shop'));
    first = await shop.sha();
    prices = await shop.commit('Better prices (#12)', changePricing());
    words = await shop.commit('Words', touchDocs());
  }, 600_000);
  afterAll(async () => {
    await github.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    api = fakeApiServer({ clock: systemClock });
    cluster = await listenOnLoopback(api);
  });
  afterEach(async () => {
    await cluster.close();
    github.repository.deployments = [];
    github.always = undefined;
    github.problems = [];
  });

  const kubeconfig = (contexts: readonly string[] = ['shop'], server = cluster.url): string =>
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': contexts[0] },
      contexts: contexts.map((name) => ({ name, context: { cluster: 'one', user: 'me' } })),
      clusters: [{ name: 'one', cluster: { server } }],
      users: [{ name: 'me', user: { token: secret } }],
    });

  /** A push of `words` alone, which concerns no service. */
  async function plan(inputs: Readonly<Record<string, string>> = {}) {
    const event = pushEvent({ before: prices, commits: [{ sha: words, message: 'Words' }] });
    const run = await runBundle({
      action: 'release-context',
      entry,
      workspace: shop.dir,
      event,
      env: { ...event.env, GITHUB_API_URL: github.apiUrl },
      inputs: {
        ...{ registry: 'ghcr.io/acme', 'github-token': 'a-token', kubeconfig: kubeconfig() },
        ...inputs,
      },
    });
    expect([run.exitCode, github.problems]).toEqual([0, []]);
    const { summary, outputs, annotations } = run;
    expect(JSON.stringify([summary, outputs, annotations])).not.toContain(secret);
    return {
      summary,
      services: JSON.parse(outputs['services'] ?? '') as readonly string[],
      notices: annotations.map(({ message }) => message),
    };
  }

  function recorded(service: string, commit: string, target = ''): void {
    addDeployment(github.repository, {
      sha: commit,
      environment: 'staging',
      task: `slipway:${service}${target && `@${target}`}`,
      payload: {
        ...{ slipway: 1, service, version: '1.0.0', digest: '', commit },
        ...{ release: service, namespace: 'staging', target },
      },
      statuses: [{ state: 'success', createdAt: '2026-11-29T10:00:00Z' }],
    });
  }

  /** The revision that Helm has of a release, stamped with a commit. */
  function deployed(release: string, commit: string | undefined, namespace = 'staging'): void {
    const stamp = commit === undefined ? {} : { 'slipway.dev/commit': commit };
    api.put({
      ...{ apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1' },
      metadata: {
        name: `sh.helm.release.v1.${release}.v1`,
        namespace,
        labels: { owner: 'helm', status: 'deployed', name: release, version: '1', ...stamp },
        creationTimestamp: '2026-11-29T10:15:00Z',
      },
    });
  }

  function uninstalled(release: string): void {
    const metadata = { namespace: 'staging', name: `sh.helm.release.v1.${release}.v1` };
    api.remove({ apiVersion: 'v1', kind: 'Secret', metadata });
  }

  it('plans what was rolled back there by hand, and says so', async () => {
    for (const service of shopServices) recorded(service, words);
    for (const service of shopServices) deployed(service, words);
    deployed('api', first);
    const { services, notices, summary } = await plan();
    expect(services).toEqual(['api']);
    const told = `api: the record says ${short(words)}, the cluster has ${short(first)} since 2026-11-29 10:15 UTC. It is compared with what the cluster has.`;
    expect(notices).toEqual([told]);
    expect(summary).toContain(`| record and cluster differ | ${told}`);
    expect(summary).toMatch(new RegExp(`\\| api \\| ${short(first)} → ${short(words)}`));
  });

  it('goes by the cluster alone when GitHub is away', async () => {
    github.always = 'hang up';
    for (const service of shopServices) deployed(service, words);
    deployed('rules', first);
    const { services, notices } = await plan();
    expect(services).toEqual(['rules']);
    expect(notices).toEqual([
      expect.stringContaining('What is deployed to staging is known by the cluster alone: GitHub'),
    ]);
  });

  it('plans a service whose release somebody took away, or never made', async () => {
    for (const service of shopServices) deployed(service, words);
    uninstalled('ledger');
    uninstalled('quotes');
    recorded('ledger', words);
    const { services, summary } = await plan();
    expect(services).toEqual(['ledger', 'quotes']);
    expect(summary).toContain('the cluster has no deployed release ledger in staging');
  });

  it.each([
    {
      what: 'cannot be reached',
      inputs: () => ({ kubeconfig: kubeconfig([], 'http://127.0.0.1:9') }),
    },
    { what: 'is not in the kubeconfig', inputs: () => ({ 'kube-context': 'elsewhere' }) },
    { what: 'has a kubeconfig that is none', inputs: () => ({ kubeconfig: 'a: [\n' }) },
  ])('goes by the record when the cluster $what, and says so', async ({ inputs }) => {
    for (const service of shopServices) recorded(service, words);
    recorded('api', first);
    const { services, notices } = await plan(inputs());
    expect(services).toEqual(['api']);
    expect(notices).toEqual([
      expect.stringMatching(/^The cluster of staging does not tell what is deployed there, so /),
    ]);
  });

  it('asks the cluster of each target in the context of its name', async () => {
    await writeFiles({ 'slipway.yml': regions })(shop.dir);
    try {
      for (const service of shopServices) {
        recorded(service, words, 'eu');
        recorded(service, words, 'us');
        for (const region of ['shop-eu', 'shop-us']) deployed(service, words, region);
      }
      deployed('api', first, 'shop-us');
      const { services, notices } = await plan({ kubeconfig: kubeconfig(['shop-eu', 'shop-us']) });
      expect(services).toEqual(['api']);
      expect(notices).toEqual([expect.stringContaining('api in us: the record says')]);
    } finally {
      rmSync(path.join(shop.dir, 'slipway.yml'));
    }
  });

  it('asks the cluster of an only target in the context of its name, where there is one', async () => {
    const file = 'environments:\n  staging: { when: { branch: main }, cluster: shop-eu }\n';
    await writeFiles({ 'slipway.yml': file })(shop.dir);
    try {
      for (const service of shopServices) deployed(service, words);
      deployed('rules', first);
      const contexts = ['elsewhere', 'shop-eu'];
      const two = JSON.parse(kubeconfig(contexts)) as {
        contexts: { context: { cluster: string } }[];
        clusters: unknown[];
      };
      // Who asked the current one would get no answer.
      if (two.contexts[0] !== undefined) two.contexts[0].context.cluster = 'none';
      two.clusters.push({ name: 'none', cluster: { server: 'http://127.0.0.1:9' } });
      const { services, notices } = await plan({ kubeconfig: JSON.stringify(two) });
      expect([services, notices]).toEqual([['rules'], []]);
    } finally {
      rmSync(path.join(shop.dir, 'slipway.yml'));
    }
  });

  it.each([
    { contexts: ['elsewhere', 'shop-us'], services: ['api'], notices: [/no context "shop-eu"/] },
    { contexts: ['my-cluster'], services: ['rules'], notices: [/^rules: the record says/] },
  ])(
    'asks of an only target that names a cluster none of $contexts but an only one',
    async ({ contexts, services: expected, notices: told }) => {
      const file = 'environments:\n  staging: { when: { branch: main }, cluster: shop-eu }\n';
      await writeFiles({ 'slipway.yml': file })(shop.dir);
      try {
        for (const service of shopServices) {
          recorded(service, service === 'api' && contexts.length > 1 ? first : words);
          deployed(service, words);
        }
        deployed('rules', first);
        const { services, notices } = await plan({ kubeconfig: kubeconfig(contexts) });
        expect(services).toEqual(expected);
        expect(notices).toEqual(told.map((each) => expect.stringMatching(each)));
      } finally {
        rmSync(path.join(shop.dir, 'slipway.yml'));
      }
    },
  );

  it('names a service that is in no folder any more, until its release is gone', async () => {
    for (const service of [...shopServices, 'orders']) {
      deployed(service, words);
      recorded(service, words);
    }
    const told = (await plan()).summary;
    expect(told).toContain(`| orders is in no folder | deployed to staging at ${short(words)} `);
    expect(told).toContain('helm uninstall orders --namespace staging');
    uninstalled('orders');
    const { summary, notices } = await plan();
    expect(summary).not.toContain('orders');
    expect(notices).toEqual([]);
  });
});
