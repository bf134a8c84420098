import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  noCommit,
  pullRequestEvent,
  pushEvent,
  tagEvent,
  type EventCommit,
} from '../../fixtures/github-events.ts';
import {
  changePricing,
  healApi,
  makeApiCrash,
  makeApiFail,
  shopServices,
  touchDocs,
} from '../../fixtures/shop-edits.ts';
import { createShopRepository, type ShopRepository } from '../../fixtures/shop-repository.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);
const options = { registry: '127.0.0.1:5999/acme', chartRegistry: '127.0.0.1:5999' };
let scratch: string;
let shop: ShopRepository;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'shop-repository-'));
  shop = await createShopRepository(path.join(scratch, 'shop'), options);
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

const read = (name: string): Promise<string> => readFile(path.join(shop.dir, name), 'utf8');

describe('a shop repository', () => {
  test('has the same commits wherever it is made', async () => {
    const other = await createShopRepository(path.join(scratch, 'other'), options);
    expect(await other.sha('v1.0.0')).toBe(await shop.sha('v1.0.0'));
    const twin = await createShopRepository(path.join(scratch, 'twin'), options);
    const edits = [makeApiFail(), touchDocs()];
    expect(await twin.commit('Change', ...edits)).toBe(await other.commit('Change', ...edits));
  });

  test('looks like a clone: branch main, an origin, nothing uncommitted', async () => {
    expect(await shop.git('branch', '--show-current')).toBe('main');
    expect(await shop.git('remote', 'get-url', 'origin')).toBe('https://github.com/acme/shop.git');
    expect(await shop.git('status', '--porcelain', '--ignored')).toBe('');
  });

  test('has charts that point at the given registries', async () => {
    expect(await read('services/quotes/chart/Chart.yaml')).toContain('oci://127.0.0.1:5999/charts');
    expect(await read('services/quotes/chart/Chart.lock')).toContain('oci://127.0.0.1:5999/charts');
    expect(await read('services/quotes/chart/values.yaml')).toContain(
      'repository: 127.0.0.1:5999/acme/quotes\n',
    );
  });

  test('takes in workflow files before its first commit', async () => {
    const workflows = { 'release.yml': 'on: push\n' };
    const other = await createShopRepository(path.join(scratch, 'flows'), { workflows });
    expect(await other.git('show', 'v1.0.0:.github/workflows/release.yml')).toBe('on: push');
  });

  test('keeps a commit that is sick in one file of the service', async () => {
    await shop.commit('Fail', makeApiFail(0.2));
    expect(await shop.git('show', '--name-only', '--format=')).toBe('services/api/defects.go');
    expect(await read('services/api/defects.go')).toContain('"FAULT_ERROR_SHARE=0.2"');
    await shop.commit('Crash', makeApiCrash());
    expect(await read('services/api/defects.go')).toContain('"FAULT_EXIT_AFTER=0s"');
    await shop.commit('Heal', healApi());
    expect(await shop.git('diff', '--stat', 'v1.0.0', 'HEAD')).toBe('');
  });

  test('refuses an edit that changes nothing, so that a stale one is noticed', async () => {
    await expect(shop.commit('Heal again', healApi())).rejects.toThrow(
      'services/api/defects.go changed nothing',
    );
  });
});

describe('the import graph', () => {
  const internal = async (service: string, env: Record<string, string> = {}): Promise<string[]> => {
    const args = ['list', '-deps', '-f', '{{.ImportPath}}', `./services/${service}`];
    const { stdout } = await run('go', args, { cwd: shop.dir, env: { ...process.env, ...env } });
    const prefix = 'example.com/shop/internal/';
    return stdout
      .split('\n')
      .filter((line) => line.startsWith(prefix))
      .map((line) => line.slice(prefix.length))
      .sort();
  };

  test('is the one of the table in its README', async () => {
    const lines = (await read('README.md')).split('\n');
    const table = lines.slice(lines.findIndex((line) => line.startsWith('| | catalog')));
    const [head = [], ...rows] = table.slice(0, shopServices.length + 2).map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
    const columns = head.slice(1);
    const documented = Object.fromEntries(
      rows
        .slice(1)
        .map(([service = '', ...marks]) => [
          service,
          [...columns.filter((_, at) => marks[at] === 'x'), 'fault', 'serve'].sort(),
        ]),
    );
    const real = await Promise.all(
      shopServices.map(async (service) => [service, await internal(service)] as const),
    );
    expect(Object.fromEntries(real)).toEqual(documented);
  });

  test('brings a change of pricing to api and rules only', async () => {
    const users = await Promise.all(
      shopServices.map(async (service) =>
        (await internal(service)).includes('pricing') ? [service] : [],
      ),
    );
    expect(users.flat()).toEqual(['api', 'rules']);
    await shop.commit('Sell more', changePricing());
    expect(await shop.git('show', '--name-only', '--format=')).toBe('internal/pricing/pricing.go');
  });

  test('is smaller for rules on wasip1, where there is no server', async () => {
    expect(await internal('rules', { GOOS: 'wasip1', GOARCH: 'wasm' })).toEqual([
      'money',
      'pricing',
    ]);
  });
});

describe('event payloads', () => {
  const commit: EventCommit = { sha: 'a'.repeat(40), message: 'Sell more\n\n::error::no' };

  test('of a push name the range of commits and leave out their files, as Actions does', () => {
    const before = 'b'.repeat(40);
    const { payload, env } = pushEvent({ before, commits: [commit] });
    expect(payload).toMatchObject({
      ref: 'refs/heads/main',
      before,
      after: commit.sha,
      created: false,
      head_commit: { id: commit.sha, message: commit.message },
    });
    expect(payload['commits']).toEqual([
      expect.not.objectContaining({ modified: expect.anything() }),
    ]);
    expect(env).toMatchObject({ GITHUB_REF_TYPE: 'branch', GITHUB_SHA: commit.sha });
  });

  test('of an annotated tag tell the tag object apart from the commit', () => {
    const object = 'c'.repeat(40);
    const { payload, env } = tagEvent({ tag: 'api/v1.2.0', commit, object });
    expect(payload).toMatchObject({
      ref: 'refs/tags/api/v1.2.0',
      before: noCommit,
      after: object,
      created: true,
      commits: [],
    });
    expect(env).toMatchObject({
      GITHUB_REF_NAME: 'api/v1.2.0',
      GITHUB_REF_TYPE: 'tag',
      GITHUB_SHA: commit.sha,
    });
  });

  test('of a pull request name base, head and the merge commit that the job runs on', async () => {
    const base = await shop.sha();
    await shop.branch('more-docs');
    const head = await shop.commit('Document', touchDocs());
    await shop.checkout('main');
    await shop.commit('Meanwhile', changePricing());
    const merge = await shop.mergeCommit('main', head);
    const { payload, env } = pullRequestEvent({
      number: 17,
      base: { sha: base },
      head: { ref: 'more-docs', sha: head, repository: 'grace/shop' },
      merge,
    });
    expect(payload).toMatchObject({
      number: 17,
      pull_request: {
        base: { ref: 'main', sha: base, repo: { fork: false } },
        head: {
          label: 'grace:more-docs',
          sha: head,
          repo: { full_name: 'grace/shop', fork: true },
        },
      },
    });
    expect(env).toMatchObject({ GITHUB_REF: 'refs/pull/17/merge', GITHUB_SHA: merge });
    expect(await shop.git('show', `${merge}:README.md`)).toContain('shipped on working days');
    expect(await shop.git('rev-parse', `${merge}^1`, `${merge}^2`)).toBe(
      `${await shop.sha('main')}\n${head}`,
    );
  });
});
