import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { systemExec, type Exec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import { initScratchGit, type ScratchGit } from '../../../test/fixtures/scratch-git.ts';
import { writeFiles } from '../../../test/fixtures/shop-edits.ts';
import { discoverServices, findAffected, type ReleaseEvent } from '../src/index.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(120_000);

const files = {
  'go.mod': 'module example.com/m\n\ngo 1.26\n\nrequire example.com/other v1.0.0\n',
  'README.md': 'read me',
  'internal/money/money.go': 'package money\n',
  'internal/money/money_test.go': 'package money\n',
  'internal/money/testdata/prices.csv': '1',
  'internal/page/page.go':
    'package page\n\nimport _ "embed"\n\n//go:embed static\nvar Static string\n',
  'internal/page/static/index.html': '<p>',
  'internal/page/README.md': 'docs',
  'internal/only/linux/linux.go': 'package linux\n',
  'internal/probe/probe.go': 'package probe\n',
  'internal/lonely/lonely.go': 'package lonely\n',
  'charts/common/Chart.yaml': 'name: common\n',
  'services/api/main.go':
    'package main\n\nimport (\n\t_ "example.com/m/internal/page"\n\t_ "example.com/other"\n)\n\nfunc main() {}\n',
  'services/api/chart/Chart.yaml':
    'name: api\ndependencies:\n  - name: common\n    repository: file://../../../charts/common\n',
  'services/api/chart/README.md': 'docs',
  'services/ledger/cmd/ledger/main.go':
    'package main\n\nimport _ "example.com/m/services/ledger/store"\n\nfunc main() {}\n',
  'services/ledger/store/store.go': 'package store\n\nimport _ "example.com/m/internal/money"\n',
  'services/worker/main.go': 'package main\n\nfunc main() {}\n',
  'services/worker/main_test.go': 'package main\n\nimport _ "example.com/m/internal/probe"\n',
  'services/worker/main_windows.go':
    'package main\n\nimport _ "example.com/m/internal/only/linux"\n',
  'services/worker/slipway.yml': 'targets: [linux/amd64, windows/amd64]\n',
  'services/legacy/go.mod': 'module example.com/m/services/legacy\n\ngo 1.26\n',
  'services/legacy/main.go':
    'package main\n\nimport _ "example.com/m/internal/money"\n\nfunc main() {}\n',
  'services/web/index.js': 'not a service',
};

describe('the services that a change concerns', () => {
  let folder: string;
  let git: ScratchGit;
  let base: string;
  const log = fakeLog();
  const exec = systemExec({ log, env: process.env });

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-affected-'));
    git = await initScratchGit(path.join(folder, 'repository'));
    await writeFiles(files)(git.dir);
    base = await git.commit('first');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let tests: Readonly<Record<string, readonly string[]>> = {};
  async function affected(given: {
    root?: string;
    event?: ReleaseEvent;
    sharedPaths?: string[];
    exec?: Exec;
  }) {
    const root = given.root ?? git.dir;
    const { services, repository } = await discoverServices(given.exec ?? exec, root, {
      globs: ['services/*'],
      targets: ['linux/amd64'],
      cgo: '',
    });
    const event: ReleaseEvent = given.event ?? {
      kind: 'push',
      branch: 'main',
      onDefaultBranch: true,
      baseSha: base,
    };
    const found = await findAffected(
      { exec, log },
      { repository, services, event, baseRef: '', sharedPaths: given.sharedPaths ?? [] },
    );
    tests = Object.fromEntries(
      found.tests.map(({ module, patterns }) => [module, patterns] as const),
    );
    return [...found.names].sort();
  }

  async function change(edit: Readonly<Record<string, string | undefined>>): Promise<void> {
    await git.git('switch', '--quiet', '--force-create', 'change', base);
    for (const [name, text] of Object.entries(edit))
      if (text === undefined) rmSync(path.join(git.dir, name), { recursive: true });
      else await writeFiles({ [name]: text })(git.dir);
    await git.commit('change');
  }

  const all = ['api', 'ledger', 'legacy', 'worker'];

  it.each<[string, Record<string, string | undefined>, string[]]>([
    ['their own sources', { 'services/api/main.go': 'package main\n\nfunc main() {}\n' }, ['api']],
    [
      'a package two steps away, also across modules',
      { 'internal/money/money.go': 'package money\n\nvar X int\n' },
      ['ledger', 'legacy'],
    ],
    [
      'a test of a package',
      { 'internal/money/money_test.go': 'package money\n\nvar X int\n' },
      ['ledger', 'legacy'],
    ],
    ['testdata', { 'internal/money/testdata/prices.csv': '2' }, ['ledger', 'legacy']],
    ['an embedded file', { 'internal/page/static/index.html': '<b>' }, ['api']],
    ['a new file in an embedded folder', { 'internal/page/static/css/a.css': 'b' }, ['api']],
    ['an embedded file that is gone', { 'internal/page/static/index.html': undefined }, ['api']],
    [
      'an import under one target only',
      { 'internal/only/linux/linux.go': 'package linux\n\n' },
      ['worker'],
    ],
    ['an import of its tests only', { 'internal/probe/probe.go': 'package probe\n\n' }, ['worker']],
    ['its chart', { 'services/api/chart/values.yaml': 'a: 1' }, ['api']],
    ['a chart that its chart depends on', { 'charts/common/values.yaml': 'a: 1' }, ['api']],
    [
      'a package that is gone and still imported',
      { 'internal/money': undefined },
      ['ledger', 'legacy'],
    ],
    ['a package that nobody imports', { 'internal/lonely/lonely.go': 'package lonely\n\n' }, []],
    [
      'documentation',
      { 'README.md': 'x', 'internal/page/README.md': 'x', 'services/api/chart/README.md': 'x' },
      [],
    ],
    ['a file of something else', { 'services/web/index.js': 'x' }, []],
    [
      'the go line of go.mod, for the services of that module',
      { 'go.mod': files['go.mod'].replace('1.26', '1.25') },
      all,
    ],
    [
      'a go.mod that is none any more, for the services of that module',
      { 'services/legacy/go.mod': 'this is no go.mod\n' },
      ['legacy'],
    ],
    [
      'a version in go.mod that nobody can ask about, for the services with imports from elsewhere',
      { 'go.mod': files['go.mod'].replace('1.0.0', '1.1.0') },
      ['api'],
    ],
    [
      'the go.mod of one service',
      { 'services/legacy/go.mod': files['services/legacy/go.mod'].replace('1.26', '1.25') },
      ['legacy'],
    ],
    ['a go.work', { 'go.work': 'go 1.26\n\nuse .\n' }, all],
    ['a file with a name made to confuse', { 'services/api/\n--x; $(id)': 'x' }, ['api']],
    ['nothing', {}, []],
  ])('follow from %s', async (_, edit, expected) => {
    await change(edit);
    expect(await affected({})).toEqual(expected);
  });

  it('are all of them when a shared path changed', async () => {
    await change({ '.github/workflows/release.yml': 'on: push' });
    expect(await affected({})).toEqual([]);
    expect(await affected({ sharedPaths: ['.github/**'] })).toEqual(all);
  });

  it.each<[string, Record<string, string | undefined>, Record<string, string[]>]>([
    [
      'a package, its importers and what tests them, over the border of a module',
      { 'internal/money/money.go': 'package money\n\n' },
      {
        '': ['./internal/money', './services/ledger/cmd/ledger', './services/ledger/store'],
        'services/legacy': ['.'],
      },
    ],
    [
      'a package that no service imports',
      { 'internal/lonely/lonely.go': 'package lonely\n\n' },
      { '': ['./internal/lonely'] },
    ],
    [
      'an import of tests',
      { 'internal/probe/probe.go': 'package probe\n\n' },
      { '': ['./internal/probe', './services/worker'] },
    ],
    ['documentation', { 'README.md': 'x' }, {}],
    [
      'a go line',
      { 'go.mod': files['go.mod'].replace('1.26', '1.25') },
      { '': ['./...'], 'services/legacy': ['.'] },
    ],
    [
      'a file that belongs to nothing else but the package above it',
      { 'internal/probe/fixtures/deep/table.json': '{}' },
      { '': ['./internal/probe', './services/worker'] },
    ],
    [
      'a package that this machine cannot build',
      { 'internal/only/windows/windows_windows.go': 'package windows\n' },
      {},
    ],
  ])('come with what there is to test: %s', async (_, edit, expected) => {
    await change(edit);
    await affected({});
    expect(tests).toEqual(expected);
  });

  it('leave out what the base of a pull request got since it was forked', async () => {
    await git.git('switch', '--quiet', '--force-create', 'moved', base);
    await writeFiles({ 'services/api/new.go': 'package main\n' })(git.dir);
    const baseSha = await git.commit('main moved on');
    await change({ 'services/worker/new.go': 'package main\n' });
    const headSha = await git.git('rev-parse', 'HEAD');
    const event: ReleaseEvent = { kind: 'pull-request', number: 1, headSha, baseSha };
    expect(await affected({ event })).toEqual(['worker']);
    // The checkout that GitHub makes: the merge of the change into what main is now.
    await git.git('switch', '--quiet', '--detach', baseSha);
    await git.git('merge', '--quiet', '--no-ff', '--no-edit', headSha);
    expect(await affected({ event })).toEqual(['worker']);
    const shallow = path.join(folder, 'merge');
    await git.git('clone', '--quiet', '--depth=2', '--no-tags', `file://${git.dir}`, shallow);
    expect(await affected({ root: shallow, event })).toEqual(['worker']);
  });

  it('are what a force push really changed', async () => {
    await change({ 'services/worker/new.go': 'package main\n' });
    const before = await git.git('rev-parse', 'HEAD');
    await change({ 'services/api/new.go': 'package main\n' });
    const event: ReleaseEvent = {
      kind: 'push',
      branch: 'main',
      onDefaultBranch: true,
      baseSha: before,
    };
    expect(await affected({ event })).toEqual(['api', 'worker']);
  });

  describe('are all of them, with a notice that says why,', () => {
    const push = (baseSha: string | undefined): ReleaseEvent => ({
      kind: 'push',
      branch: 'main',
      onDefaultBranch: true,
      baseSha,
    });

    it('on the first push', async () => {
      expect(await affected({ event: push(undefined) })).toEqual(all);
      expect(log.lines.at(-1)).toEqual({
        level: 'notice',
        message: expect.stringMatching(/names no earlier commit/) as unknown,
      });
    });

    it('when the base is not in a shallow clone', async () => {
      await change({ 'services/api/new.go': 'package main\n' });
      const shallow = path.join(folder, 'shallow');
      await git.git('clone', '--quiet', '--depth=1', `file://${git.dir}`, shallow);
      expect(await affected({ root: shallow })).toEqual(all);
      expect(log.lines.at(-1)?.message).toMatch(/is not in this clone \(fetch-depth: 0/);
    });

    it('when two histories have nothing in common', async () => {
      await git.git('switch', '--quiet', '--orphan', 'other');
      const baseSha = await git.commit('nothing in common');
      await change({});
      const event: ReleaseEvent = { kind: 'pull-request', number: 1, headSha: undefined, baseSha };
      expect(await affected({ event })).toEqual(all);
      expect(log.lines.at(-1)?.message).toMatch(/no merge base/);
    });

    it('when there is no Go to ask, and every module is tested', async () => {
      await change({ 'services/api/new.go': 'package main\n' });
      const withoutGo: Exec = (file, args, options) =>
        exec(file === 'go' ? 'there-is-no-go' : file, args, options);
      expect(await affected({ exec: withoutGo })).toEqual(all);
      expect(log.lines.at(-1)?.message).toMatch(/import graph could not be read/);
      expect(tests).toEqual({ '': ['./...'], 'services/legacy': ['./...'] });
    });

    it('outside of a git repository', async () => {
      const copy = path.join(folder, 'plain');
      await writeFiles(files)(copy);
      expect(await affected({ root: copy })).toEqual(all);
    });
  });
});
