import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import { ignoringEnvironment, readBuildSource } from '../../src/index.ts';

const exec = systemExec({ log: fakeLog(), env: process.env });
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'slipway-source-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function commitAll(repository: string): void {
  mkdirSync(repository, { recursive: true });
  writeFileSync(path.join(repository, 'go.mod'), 'module example.com/x\n');
  const git = (...args: string[]): void => {
    execFileSync('git', args, {
      cwd: repository,
      env: { ...process.env, GIT_COMMITTER_DATE: '1700000000 +0000' },
    });
  };
  git('init', '-q');
  git('add', '-A');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'first');
}

describe('the source of a build', () => {
  test('is the commit and its time', async () => {
    commitAll(folder);
    expect(await readBuildSource(exec, { dir: folder, env: {} })).toEqual({
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      epochSeconds: 1_700_000_000,
      dirty: false,
      changes: [],
      notStamped: undefined,
    });
  });

  test('takes its time from SOURCE_DATE_EPOCH when that is set', async () => {
    commitAll(folder);
    const source = await readBuildSource(exec, { dir: folder, env: { SOURCE_DATE_EPOCH: '12' } });
    expect(source.epochSeconds).toBe(12);
  });

  test('refuses a SOURCE_DATE_EPOCH that is no number', async () => {
    await expect(
      readBuildSource(exec, { dir: folder, env: { SOURCE_DATE_EPOCH: 'now' } }),
    ).rejects.toThrow(/SOURCE_DATE_EPOCH is "now"/);
  });

  test('outside a repository has no commit, and says why nothing is stamped', async () => {
    expect(await readBuildSource(exec, { dir: folder, env: {} })).toMatchObject({
      commit: undefined,
      epochSeconds: 0,
      notStamped: expect.stringContaining('not in a Git repository'),
    });
  });

  test('that git does not trust is the commit that is checked out, else the one of the job', async () => {
    commitAll(folder);
    const distrusting: typeof exec = (program, args, options) =>
      exec(program, args, { ...options, addEnv: { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } });
    const jobs = 'ab'.repeat(20);
    const read = () => readBuildSource(distrusting, { dir: folder, env: { GITHUB_SHA: jobs } });
    expect(await read()).toMatchObject({
      commit: jobs,
      notStamped: expect.stringContaining('safe.directory'),
    });
    const head = 'cd'.repeat(20);
    writeFileSync(path.join(folder, '.git', 'HEAD'), `${head}\n`);
    expect(await read()).toMatchObject({ commit: head });
  });

  test('is dirty by a file that is not ignored, but not by the output folder or a login', async () => {
    commitAll(folder);
    const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-scratch-'));
    mkdirSync(path.join(folder, 'out [1]'));
    writeFileSync(path.join(folder, 'out [1]', 'api'), 'program');
    const gitEnv = await ignoringEnvironment(exec, {
      dir: folder,
      folder: path.join(folder, 'out [1]'),
      scratch,
      env: {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'a.b',
        GIT_CONFIG_VALUE_0: 'c',
        // What a login to Google Cloud leaves there is no change of the source.
        GOOGLE_GHA_CREDS_PATH: path.join(folder, 'gha-creds-12ab.json'),
      },
    });
    writeFileSync(path.join(folder, 'gha-creds-12ab.json'), '{}');
    // The setting that was there keeps its place.
    expect(gitEnv).toMatchObject({ GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_1: 'core.excludesFile' });
    const env = { ...gitEnv, GIT_CONFIG_KEY_0: 'a.b', GIT_CONFIG_VALUE_0: 'c' };
    expect((await readBuildSource(exec, { dir: folder, env: {} })).dirty).toBe(true);
    expect((await readBuildSource(exec, { dir: folder, env: {}, gitEnv: env })).dirty).toBe(false);
    writeFileSync(path.join(folder, 'stray.go'), 'package x\n');
    expect(await readBuildSource(exec, { dir: folder, env: {}, gitEnv: env })).toMatchObject({
      dirty: true,
      changes: ['stray.go'],
    });
    rmSync(scratch, { recursive: true, force: true });
  });
});
