import { ExecError, type Exec } from '@slipway/exec';
import { gitIn } from '@slipway/go';

/** One commit, in one line. Its subject is data. */
export interface CommitLine {
  sha: string;
  /** Of a merge or a squash it names the pull request. */
  subject: string;
}

/** What happened since a commit. */
export interface CommitsSince {
  /** The newest first. */
  commits: readonly CommitLine[];
  /** Whether there are more than these. */
  more: boolean;
}

const most = 20;

/**
 * The commits from `from` to HEAD that touched any of `folders` (`.` is the root's own files), along the
 * first parents, so that a pull request is one line. Undefined when `from` is not in the clone.
 */
export async function commitsSince(
  exec: Exec,
  { root, from, folders }: { root: string; from: string; folders: readonly string[] },
): Promise<CommitsSince | undefined> {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(from)) return undefined;
  const args = ['log', '-z', '--first-parent', `--max-count=${most + 1}`, '--format=%H%x09%s'];
  const paths = folders.map((folder) => (folder === '.' ? ':(glob)*' : `:(literal)${folder}`));
  try {
    const log = await gitIn(exec, root)([...args, `${from}..HEAD`, '--', ...paths]);
    const commits = log
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => {
        const [sha = '', ...subject] = line.split('\t');
        return { sha, subject: subject.join(' ') };
      });
    return { commits: commits.slice(0, most), more: commits.length > most };
  } catch (error) {
    if (error instanceof ExecError) return undefined;
    throw error;
  }
}
