import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemExec, type Exec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import { gitHistory, type CommitHistory, type GitPlace } from '../../src/index.ts';
import { makeRepository, type Repository } from './repository.ts';

const exec = systemExec({ log: fakeLog(), env: process.env });
const absent = '0123456789abcdef0123456789abcdef01234567';

function historyIn(folder: string, more: Partial<GitPlace> = {}, run: Exec = exec): CommitHistory {
  return gitHistory(run, { folder, env: {}, signal: new AbortController().signal, ...more });
}

describe('the history of a repository', () => {
  let repository: Repository;
  let first: string, second: string, third: string, hotfix: string;
  beforeAll(async () => {
    repository = await makeRepository();
    const { work, git, commit } = repository;
    first = await commit('first');
    second = await commit('Fix ::error::prices\u202e');
    third = await commit('third');
    await git(work, 'checkout', '--quiet', '-b', 'hotfix', first);
    hotfix = await commit('hotfix');
    await git(work, 'checkout', '--quiet', 'main');
  });
  afterAll(() => repository.close());

  test('tells how two commits stand to each other', async () => {
    const { relate } = historyIn(repository.work);
    expect(await relate(second, second)).toEqual({ kind: 'same' });
    expect(await relate(third, first)).toEqual({ kind: 'newer' });
    expect(await relate(first, third)).toEqual({ kind: 'older' });
    expect(await relate(hotfix, third)).toEqual({ kind: 'diverged' });
    expect(await relate(third, hotfix)).toEqual({ kind: 'diverged' });
  });

  test.each(['older', 'newer', 'diverged'] as const)(
    'brings what a clone of one commit lacks, to tell that it is %s',
    async (kind) => {
      const ours = { older: first, newer: third, diverged: hotfix }[kind];
      const clone = await repository.shallowClone(`shallow-${kind}`, ours);
      const { relate, describe: told } = historyIn(clone);
      expect(await relate(ours, second)).toEqual({ kind });
      // Both messages that may come of it name the other commit by its subject.
      expect(await told(second)).toContain('Fix ::error::prices');
    },
  );

  test('finds a commit that no branch leads to any more', async () => {
    const { work, git, commit, shallowClone } = repository;
    await git(work, 'checkout', '--quiet', '-b', 'feature', second);
    const deployed = await commit('first try');
    await git(work, 'reset', '--quiet', '--hard', second);
    const ours = await commit('second try');
    const clone = await shallowClone('pushed-over', ours);
    expect(await historyIn(clone).relate(ours, deployed)).toEqual({ kind: 'diverged' });
  });

  test('says that it cannot tell of a commit that is nowhere', async () => {
    const { relate, describe: told } = historyIn(repository.work);
    expect(await relate(third, absent)).toMatchObject({
      kind: 'unknown',
      why: expect.stringContaining('could not be fetched'),
    });
    expect(await told(absent)).toBe('0123456789ab');
  });

  test('says that it cannot tell where there is no clone, no remote and no git', async () => {
    const bare = path.join(repository.folder, 'nothing');
    await fs.mkdir(bare);
    const env = { GIT_CEILING_DIRECTORIES: repository.folder };
    const run: Exec = (file, args, options) =>
      exec(file, args, { ...options, addEnv: { ...options?.addEnv, ...env } });
    expect(await historyIn(bare, {}, run).relate(third, first)).toMatchObject({
      why: expect.stringContaining('no clone in the workspace'),
    });
    const clone = await repository.shallowClone('alone', third);
    await repository.git(clone, 'remote', 'remove', 'origin');
    expect(await historyIn(clone).relate(third, first)).toMatchObject({ kind: 'unknown' });
    const gitless = systemExec({ log: fakeLog(), env: { PATH: bare } });
    expect(await historyIn(clone, {}, gitless).relate(third, first)).toMatchObject({
      why: expect.stringContaining('git could not be started'),
    });
  });

  test('shows subjects as data', async () => {
    const told = await historyIn(repository.work).describe(second);
    expect(told).toMatch(
      /^[0-9a-f]{12} "Fix ::error::prices\\u202e" \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\)$/,
    );
  });

  test('hands a login to git in its environment, for its own server and behind earlier settings', async () => {
    const seen: { args: readonly string[]; env: Readonly<Record<string, string | undefined>> }[] =
      [];
    const run: Exec = (file, args, options) => {
      seen.push({ args, env: options?.addEnv ?? {} });
      return exec(file, args, options);
    };
    const login = { server: 'https://github.com', token: 's3cr3t' };
    const env = { GIT_CONFIG_COUNT: '2' };
    await historyIn(repository.work, { login, env }, run).describe(first);
    const [call] = seen;
    expect(JSON.stringify(call?.args)).not.toContain('s3cr3t');
    expect(call?.env).toMatchObject({
      GIT_CONFIG_COUNT: '5',
      GIT_CONFIG_KEY_2: 'http.https://github.com/.extraheader',
      GIT_CONFIG_VALUE_2: '',
      GIT_CONFIG_KEY_3: 'http.https://github.com/.extraheader',
      GIT_CONFIG_VALUE_3: `AUTHORIZATION: basic ${Buffer.from('x-access-token:s3cr3t').toString('base64')}`,
      GIT_CONFIG_VALUE_4: 'false',
    });
  });

  test('is asked for with the login at its own server alone, and not beyond a redirect', async () => {
    const seen: string[] = [];
    const listen = async (name: string, answer: (response: ServerResponse) => void) => {
      const server = createServer((request, response) => {
        seen.push(`${name} ${request.headers.authorization ?? 'nobody'}`);
        answer(response);
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    };
    const other = await listen('other', (response) => response.writeHead(404).end());
    const own = await listen('own', (response) =>
      response.writeHead(302, { location: `${other.url}/stolen/info/refs` }).end(),
    );
    const login = { server: own.url, token: 's3cr3t' };
    const ask = async (name: string, url: string): Promise<void> => {
      const clone = await repository.shallowClone(name, third);
      await repository.git(clone, 'remote', 'set-url', 'origin', `${url}/acme/shop`);
      // What actions/checkout leaves when it is told to: two of them would be refused.
      await repository.git(clone, 'config', `http.${own.url}/.extraheader`, 'AUTHORIZATION: old');
      await historyIn(clone, { login }).relate(third, first);
    };
    try {
      await ask('own-server', own.url);
      await ask('other-server', other.url);
    } finally {
      own.server.close();
      other.server.close();
    }
    const basic = Buffer.from('x-access-token:s3cr3t').toString('base64');
    expect([...new Set(seen)]).toEqual([`own basic ${basic}`, 'other nobody']);
    expect(seen.filter((line) => line.startsWith('own'))).toHaveLength(1);
  });

  test('is that of the commits themselves, not of what replaces them in the clone', async () => {
    const clone = path.join(repository.folder, 'replaced');
    await repository.git(repository.folder, 'clone', '--quiet', repository.work, clone);
    await repository.git(clone, 'replace', '--graft', third);
    expect(await historyIn(clone).relate(first, third)).toEqual({ kind: 'older' });
  });

  test('ends with the reason of a cancel', async () => {
    const cancelled = AbortSignal.abort(new Error('cancelled'));
    const { relate } = historyIn(repository.work, { signal: cancelled });
    await expect(relate(third, first)).rejects.toThrow('cancelled');
  });
});
