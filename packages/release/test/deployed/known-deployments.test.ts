import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest, test } from '@jest/globals';
import { initScratchGit, type ScratchGit } from '../../../../test/fixtures/scratch-git.ts';
import { writeFiles } from '../../../../test/fixtures/shop-edits.ts';
import {
  commitsSince,
  dueServices,
  knownDeployments,
  type ClusterRelease,
  type KnownPlace,
} from '../../src/index.ts';
import { planChange, realExec } from '../changed-repository.ts';

// Each test starts several processes, on machines that do other things too.
jest.setTimeout(120_000);

const [first, second] = ['a'.repeat(40), 'b'.repeat(40)] as [string, string];

/** One place in which some services were deployed, and what else is known of it. */
const place = (services: readonly string[], more: Partial<KnownPlace> = {}): KnownPlace => ({
  target: '',
  commits: new Map(services.map((service) => [service, first])),
  undecided: new Map(),
  unknown: new Map(),
  recorded: true,
  cluster: new Map(),
  ...more,
});
const known = (...places: readonly KnownPlace[]) => knownDeployments('staging', places);
const due = (services: readonly string[], ...places: readonly KnownPlace[]): unknown =>
  Object.fromEntries(dueServices(services, known(...places)));

describe('a service is due', () => {
  test('without a success where deployments are recorded, and only there', () => {
    expect(due(['api', 'worker'], place(['api']))).toEqual({
      worker: 'no successful deployment to staging on record',
    });
    expect(due(['api', 'worker'], place([], { recorded: false }))).toEqual({});
  });

  test('when one of several targets does not have it', () => {
    expect(due(['api', 'worker'], place(['api', 'worker']), place(['worker']))).toEqual({
      api: 'no successful deployment to every target of staging on record',
    });
  });

  test('when its last deployment left who knows what', () => {
    const undecided = new Map([['api', second]]);
    expect(due(['api', 'worker'], place(['api', 'worker'], { undecided }))).toEqual({
      api: 'a later deployment of bbbbbbb did not succeed, or has not yet',
    });
  });

  test('when nothing could be read of it, also where nothing else is recorded', () => {
    const unknown = new Map([['worker', 'GitHub was slow']]);
    const worker = 'what is deployed of it is not known: GitHub was slow';
    expect(due(['api', 'worker'], place(['api'], { unknown }))).toEqual({ worker });
    const nothingElse = place([], { unknown, recorded: false });
    expect(due(['api', 'worker'], nothingElse)).toEqual({ worker });
  });
});

describe('the cluster', () => {
  const sinceMs = Date.UTC(2026, 10, 29, 10, 15);
  const has = (commit: string) => ({ kind: 'commit' as const, commit, sinceMs });
  const absent = { kind: 'absent' as const, release: 'api', namespace: 'shop' };

  test('goes before the record, and the difference is told', () => {
    const { commits, doubts, differences } = known(
      place(['api', 'worker'], {
        target: 'eu',
        cluster: new Map([
          ['api', has(second)],
          ['worker', has(first)],
        ]),
      }),
    );
    expect(commits).toEqual(
      new Map([
        ['api', [second]],
        ['worker', [first]],
      ]),
    );
    expect(doubts.size).toBe(0);
    expect(differences).toEqual([
      'api in eu: the record says aaaaaaa, the cluster has bbbbbbb since 2026-11-29 10:15 UTC. It is compared with what the cluster has.',
    ]);
  });

  test('tells what was never recorded, or could not be read', () => {
    const cluster = new Map([['api', has(second)]]);
    const unknown = new Map([['api', 'GitHub was away']]);
    const { commits, doubts, recorded, differences } = known(
      place([], { cluster, unknown, recorded: false }),
    );
    expect([commits, doubts]).toEqual([new Map([['api', [second]]]), new Map()]);
    expect([recorded, differences]).toEqual([true, []]);
  });

  test('makes a service due of which a later revision failed or is under way', () => {
    const why = 'a later revision of its release failed or is under way';
    const unknown = new Map([['api', 'GitHub was away']]);
    const later: ClusterRelease = { kind: 'commit', commit: first, sinceMs: 0, overtaken: true };
    const cluster = new Map([['api', later]]);
    expect(due(['api'], place([], { cluster, unknown, recorded: false }))).toEqual({ api: why });
    const unstamped = new Map([['api', { kind: 'unstamped' as const, overtaken: true }]]);
    expect(due(['api'], place(['api'], { cluster: unstamped }))).toEqual({ api: why });
    const undecided = new Map([['api', second]]);
    expect(due(['api'], place(['api'], { cluster, undecided }))).toEqual({
      api: 'a later deployment of bbbbbbb did not succeed, or has not yet',
    });
  });

  test('makes a service due whose release somebody took away', () => {
    const cluster = new Map<string, ClusterRelease>([
      ['api', absent],
      ['worker', has(first)],
    ]);
    const why = 'the record says aaaaaaa, and the cluster has no deployed release api in shop';
    expect(due(['api'], place(['api'], { cluster }))).toEqual({ api: why });
    expect(known(place(['api'], { cluster })).differences).toEqual([`api: ${why}.`]);
  });

  test('that has nothing of what is on record is taken for another one', () => {
    const cluster = new Map<string, ClusterRelease>([
      ['api', absent],
      ['worker', { ...absent, release: 'worker' }],
    ]);
    const { commits, doubts, differences } = known(place(['api'], { cluster, target: 'eu' }));
    expect([commits, doubts]).toEqual([new Map([['api', [first]]]), new Map()]);
    expect(differences).toEqual([
      'The cluster of eu has none of the releases that are on record for staging, so it is taken for another one and the record counts alone.',
    ]);
  });

  test('with no release and no record makes due where others are known, and nowhere else', () => {
    const unknown = new Map([['api', 'GitHub was away']]);
    const cluster = new Map<string, ClusterRelease>([
      ['api', absent],
      ['worker', has(first)],
    ]);
    expect(due(['api'], place([], { cluster, unknown, recorded: false }))).toEqual({
      api: 'no successful deployment to staging on record',
    });
    const alone = new Map([['api', absent]]);
    expect(due(['api'], place([], { cluster: alone, recorded: false }))).toEqual({});
  });

  test('leaves a release that does not say its commit to the record', () => {
    const cluster = new Map([['api', { kind: 'unstamped' as const }]]);
    expect(known(place(['api'], { cluster })).commits).toEqual(new Map([['api', [first]]]));
    const unknown = new Map([['api', 'GitHub was away']]);
    expect(due(['api'], place([], { cluster, unknown }))).toEqual({
      api: 'what is deployed of it is not known: GitHub was away',
    });
  });

  test('does not lift a doubt: what it has may be unverified', () => {
    const undecided = new Map([['api', second]]);
    const cluster = new Map([['api', has(second)]]);
    expect(due(['api'], place(['api'], { undecided, cluster }))).toMatchObject({
      api: expect.stringContaining('did not succeed'),
    });
  });
});

describe('commits since what is deployed', () => {
  let folder: string;
  let git: ScratchGit;
  let from: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-commits-'));
    git = await initScratchGit(path.join(folder, 'repository'));
    await writeFiles({ 'api/a.go': '1', 'web/w.go': '1', 'main.go': '1' })(git.dir);
    from = await git.commit('first');
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
    const found = await since(from, ...folders);
    expect(found?.commits.map(({ subject }) => subject)).toEqual(subjects);
  });

  it('are twenty at most, and it is said that there are more', async () => {
    for (let count = 0; count < 20; count += 1) {
      await writeFiles({ 'api/a.go': `more ${count}` })(git.dir);
      await git.commit(`More ${count}`);
    }
    const found = await since(from, 'api');
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
