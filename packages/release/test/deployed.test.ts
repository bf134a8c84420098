import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest, test } from '@jest/globals';
import { initScratchGit, type ScratchGit } from '../../../test/fixtures/scratch-git.ts';
import { writeFiles } from '../../../test/fixtures/shop-edits.ts';
import { commitsSince, dueServices } from '../src/index.ts';
import { planChange, realExec } from './changed-repository.ts';

// Each test starts several processes, on machines that do other things too.
jest.setTimeout(120_000);

const known = (recorded: boolean, ...services: readonly string[]) => ({
  environment: 'staging',
  places: 1,
  commits: new Map(services.map((service) => [service, ['a'.repeat(40)]])),
  undecided: new Map<string, string>(),
  recorded,
});

test('a service without a success is due where deployments are recorded, and only there', () => {
  const due = dueServices(['api', 'worker'], known(true, 'api'));
  expect([...due]).toEqual([['worker', 'no successful deployment to staging on record']]);
  expect(dueServices(['api', 'worker'], known(false)).size).toBe(0);
});

test('a service that one of several targets does not have is due', () => {
  const { commits } = known(true, 'api', 'worker');
  commits.set('worker', ['a'.repeat(40), 'b'.repeat(40)]);
  const due = dueServices(['api', 'worker'], {
    environment: 'production',
    places: 2,
    commits,
    undecided: new Map(),
    recorded: true,
  });
  expect([...due]).toEqual([
    ['api', 'no successful deployment to every target of production on record'],
  ]);
});

test('a service whose last deployment left who knows what is due', () => {
  const all = known(true, 'api', 'worker');
  all.undecided.set('api', 'b'.repeat(40));
  expect([...dueServices(['api', 'worker'], all)]).toEqual([
    ['api', 'a later deployment of bbbbbbb did not succeed, or has not yet'],
  ]);
});

describe('commits since what is deployed', () => {
  let folder: string;
  let git: ScratchGit;
  let first: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-commits-'));
    git = await initScratchGit(path.join(folder, 'repository'));
    await writeFiles({ 'api/a.go': '1', 'web/w.go': '1', 'main.go': '1' })(git.dir);
    first = await git.commit('first');
    const edits: readonly (readonly [string, string])[] = [
      ['api/a.go', 'Faster\tapi (#1)'],
      ['web/w.go', 'Web (#2)'],
      ['main.go', '::error::Root (#3)'],
    ];
    for (const [file, message] of edits) {
      await writeFiles({ [file]: message })(git.dir);
      await git.commit(message);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const since = (from: string, ...folders: readonly string[]) =>
    commitsSince(realExec, { root: git.dir, from, folders });

  it.each([
    { folders: ['api'], subjects: ['Faster api (#1)'] },
    { folders: ['.'], subjects: ['::error::Root (#3)'] },
    { folders: ['api', 'web'], subjects: ['Web (#2)', 'Faster api (#1)'] },
    { folders: [':(exclude)api'], subjects: [] },
  ])('are those of $folders', async ({ folders, subjects }) => {
    const found = await since(first, ...folders);
    expect(found?.commits.map(({ subject }) => subject)).toEqual(subjects);
  });

  it('are twenty at most, and it is said that there are more', async () => {
    for (let count = 0; count < 20; count += 1) {
      await writeFiles({ 'api/a.go': `more ${count}` })(git.dir);
      await git.commit(`More ${count}`);
    }
    const found = await since(first, 'api');
    expect(found?.commits).toHaveLength(20);
    expect(found?.more).toBe(true);
  });

  it.each(['d'.repeat(40), '--output=/tmp/x', 'HEAD'])('%s is not known', async (from) => {
    expect(await since(from, 'api')).toBeUndefined();
  });
});

test('a service that is due in any case is planned with its tests, whatever changed', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'slipway-due-'));
  try {
    const main = 'package main\n\nfunc main() {}\n';
    const { names, because, packages } = await planChange({
      dir: path.join(dir, 'repository'),
      files: {
        'go.mod': 'module example.com/m\n\ngo 1.26\n',
        'services/api/main.go': main,
        'services/web/main.go': main,
        'README.md': 'read me',
      },
      edit: { 'README.md': 'read more' },
      due: { api: 'it was never deployed' },
    });
    expect(names).toEqual(['api']);
    expect(because).toEqual({ api: 'it was never deployed' });
    expect(packages).toEqual(['./services/api']);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
