import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A server's repository and a clone to push from, in a folder of their own. */
export interface Repository {
  /** Holds `server`, `work` and the clones. */
  folder: string;
  work: string;
  git: (folder: string, ...args: string[]) => Promise<string>;
  /** Makes a commit on the branch that is checked out in `work`, and pushes it. */
  commit: (subject: string) => Promise<string>;
  /** A clone as a checkout action makes it: of one commit, with nothing before it. */
  shallowClone: (name: string, commit: string) => Promise<string>;
  close: () => Promise<void>;
}

const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];

/** An empty repository with the branch `main`, whose server hands out any commit, as GitHub's does. */
export async function makeRepository(): Promise<Repository> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'source-'));
  const [server, work] = [path.join(folder, 'server'), path.join(folder, 'work')];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const git = async (at: string, ...args: string[]): Promise<string> =>
    (await run('git', ['-C', at, ...identity, ...args], { env })).stdout.trim();
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', 'server');
  for (const setting of ['allowFilter', 'allowAnySHA1InWant'])
    await git(server, 'config', `uploadpack.${setting}`, 'true');
  const url = pathToFileURL(server).href;
  await git(folder, 'init', '--quiet', '--initial-branch=main', 'work');
  await git(work, 'remote', 'add', 'origin', url);
  return {
    ...{ folder, work, git },
    commit: async (subject) => {
      await git(work, 'commit', '--quiet', '--allow-empty', `--message=${subject}`);
      await git(work, 'push', '--quiet', '--force', 'origin', 'HEAD');
      return await git(work, 'rev-parse', 'HEAD');
    },
    shallowClone: async (name, commit) => {
      const clone = path.join(folder, name);
      await git(folder, 'init', '--quiet', name);
      await git(clone, 'remote', 'add', 'origin', url);
      await git(clone, 'fetch', '--quiet', '--depth=1', 'origin', commit);
      await git(clone, 'checkout', '--quiet', commit);
      return clone;
    },
    close: () => fs.rm(folder, { recursive: true, force: true }),
  };
}
