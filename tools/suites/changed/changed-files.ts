import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * What differs from the point where HEAD left `ref`: commits, the index, the working tree and new
 * files that git does not ignore. A file that moved counts under both names. Throws when git does not
 * know `ref`.
 */
export async function changedFiles(root: string, ref: string): Promise<readonly string[]> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })).stdout;
  let base: string;
  try {
    base = (await git('merge-base', '--end-of-options', ref, 'HEAD')).trim();
  } catch (error) {
    throw new Error(
      `--changed ${ref}: git knows no commit of that name from which HEAD comes. Give a branch or a commit, and fetch it first.`,
      { cause: error },
    );
  }
  const [tracked, untracked] = await Promise.all([
    git('diff', '--name-only', '--no-renames', '-z', base),
    git('ls-files', '--others', '--exclude-standard', '-z'),
  ]);
  return [...new Set((tracked + untracked).split('\0'))].filter((file) => file !== '');
}
