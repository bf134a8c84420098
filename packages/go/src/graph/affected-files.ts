import { ExecError, type Exec } from '@slipway/exec';
import { gitIn, type Git } from './git.ts';

/** The files that a change touches, or why they cannot be known. */
export type ChangedFiles =
  | {
      known: true;
      files: readonly string[];
      base: string;
      /** The commit that the files differ from: the base, or where the change was forked from it. */
      from: string;
    }
  | { known: false; why: string };

/** What to compare the checked-out commit with. */
export interface ChangeQuestion {
  /** Folder in the repository; answers are relative to it and leave out what lies beside it. */
  root: string;
  /** A commit, tag or branch; undefined when the event names none. */
  base: string | undefined;
  /**
   * Whether only what happened since the fork point counts (a pull request), and not what the base
   * got since. A push compares the two trees, so that a force push is seen for what it changes.
   */
  sinceForkPoint: boolean;
  /** Head of the pull request: tells a checkout of GitHub's merge commit from any other merge. */
  headSha?: string | undefined;
}

/**
 * The files that differ between `base` and HEAD, deleted ones and both names of renamed ones
 * included. Never guesses: with a base that is not in the clone (shallow, force push), or without
 * one (first push), the answer is that it is not known.
 */
export async function changedFiles(exec: Exec, question: ChangeQuestion): Promise<ChangedFiles> {
  const git = gitIn(exec, question.root);
  try {
    const mergedInto = await mergeBaseline(git, question);
    const base = mergedInto ?? (await resolveCommit(git, question.base));
    if (base === undefined)
      return {
        known: false,
        why:
          question.base === undefined
            ? 'the event names no earlier commit to compare with'
            : `the commit ${question.base.slice(0, 40)} is not in this clone (fetch-depth: 0 of actions/checkout brings it)`,
      };
    const isForked = question.sinceForkPoint && mergedInto === undefined;
    const range = isForked ? `${base}...HEAD` : `${base}..HEAD`;
    const names = await git([
      'diff',
      '--name-only',
      '--no-renames',
      '--no-ext-diff',
      '--relative',
      '-z',
      range,
      '--',
    ]);
    const from = isForked ? (await git(['merge-base', base, 'HEAD'])).trim() : base;
    return { known: true, base, from, files: names.split('\0').filter((name) => name !== '') };
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    return { known: false, why: lastLine(error) };
  }
}

/** The tags of a commit that the clone has; none when git cannot tell. */
export async function readTagsAt(
  exec: Exec,
  { root, commit }: { root: string; commit: string },
): Promise<readonly string[]> {
  try {
    const text = await gitIn(exec, root)(['tag', '--points-at', commit]);
    return text.split('\n').filter((tag) => tag !== '');
  } catch (error) {
    if (error instanceof ExecError) return [];
    throw error;
  }
}

/** Time and id of the checked-out commit; undefined when this is no git repository. */
export async function readHead(
  exec: Exec,
  root: string,
): Promise<{ sha: string; commitTimeMs: number } | undefined> {
  try {
    const text = await gitIn(exec, root)(['log', '-1', '--no-show-signature', '--format=%H %ct']);
    const [sha, seconds] = text.trim().split(' ');
    if (sha === undefined || seconds === undefined) return undefined;
    return { sha, commitTimeMs: Number(seconds) * 1000 };
  } catch (error) {
    if (error instanceof ExecError) return undefined;
    throw error;
  }
}

/** The id of a commit's tree; undefined when the commit is not here, or is no commit id. */
export async function readTree(
  exec: Exec,
  { root, commit }: { root: string; commit: string },
): Promise<string | undefined> {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return undefined;
  try {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{tree}`];
    const tree = (await gitIn(exec, root)(args)).trim();
    return tree === '' ? undefined : tree;
  } catch (error) {
    if (error instanceof ExecError) return undefined;
    throw error;
  }
}

/**
 * The base branch's side of GitHub's own merge commit (refs/pull/N/merge), which even a clone of
 * depth 2 holds; undefined when HEAD is something else.
 */
async function mergeBaseline(git: Git, question: ChangeQuestion): Promise<string | undefined> {
  if (!question.sinceForkPoint || question.headSha === undefined) return undefined;
  const parents = (await git(['log', '-1', '--no-show-signature', '--format=%P']))
    .trim()
    .split(' ');
  const [first, second] = parents;
  if (parents.length !== 2 || second !== question.headSha || first === undefined) return undefined;
  return await resolveCommit(git, first);
}

async function resolveCommit(git: Git, name: string | undefined): Promise<string | undefined> {
  if (name === undefined || name === '') return undefined;
  for (const candidate of [name, `refs/remotes/origin/${name}`])
    try {
      return (
        await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${candidate}^{commit}`])
      ).trim();
    } catch (error) {
      if (!(error instanceof ExecError) || error.exitCode === undefined) throw error;
    }
  return undefined;
}

function lastLine(error: ExecError): string {
  const lines = error.stderr.trim().split('\n');
  const last = lines.findLast((line) => line.startsWith('fatal:')) ?? lines.at(-1) ?? '';
  return last === '' ? error.message : `git says: ${last.replace(/^fatal: /, '').slice(0, 200)}`;
}
