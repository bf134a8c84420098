import { ExecError, type Exec } from '@slipway/exec';
import { quoted } from '@slipway/runtime';
import { shortCommit } from './commit-id.ts';
import { gitIn, lastWords, type Git, type GitPlace } from './git.ts';
import type { Relation } from './source-rule.ts';

/** What is known of the commits of one repository. Ids are full ones (`isCommitId`). */
export interface CommitHistory {
  /** How `ours` stands to `deployed`. Never throws for what cannot be told; throws the signal's reason. */
  relate: (ours: string, deployed: string) => Promise<Relation>;
  /** A commit for people: `0123456789ab "Fix prices" (2026-11-29 10:15 UTC)`; its id alone when no more is known. */
  describe: (commit: string) => Promise<string>;
}

/** Whether `ancestor` is in the history of `commit`; undefined where the clone does not have one of them. */
async function isAncestor(
  git: Git,
  ancestor: string,
  commit: string,
): Promise<{ answer: boolean | undefined; words: string }> {
  const { exitCode, stderr } = await git(['merge-base', '--is-ancestor', ancestor, commit]);
  return { answer: exitCode > 1 ? undefined : exitCode === 0, words: lastWords(stderr) };
}

/** What this clone says as it is, and whether more of the history could change it. */
async function relationInClone(
  git: Git,
  ours: string,
  deployed: string,
): Promise<{ relation: Relation; isFinal: boolean }> {
  const newer = await isAncestor(git, deployed, ours);
  if (newer.answer === true) return { relation: { kind: 'newer' }, isFinal: true };
  const older = await isAncestor(git, ours, deployed);
  if (older.answer === true) return { relation: { kind: 'older' }, isFinal: true };
  if (newer.answer === undefined || older.answer === undefined)
    return { relation: { kind: 'unknown', why: `git says: ${newer.words}` }, isFinal: false };
  const shallow = (await git(['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true';
  if (!shallow) return { relation: { kind: 'diverged' }, isFinal: true };
  const why = 'this clone holds only a part of the history';
  return { relation: { kind: 'unknown', why }, isFinal: false };
}

/**
 * Brings both commits and what came before them from `origin`, without their files (`tree:0`).
 * Resolves with why it could not; undefined when it did.
 */
async function fetchCommits(git: Git, commits: readonly string[]): Promise<string | undefined> {
  const shallow = await git(['rev-parse', '--is-shallow-repository']);
  if (shallow.exitCode !== 0)
    return `there is no clone in the workspace (${lastWords(shallow.stderr)})`;
  const { exitCode, stderr } = await git([
    'fetch',
    '--no-tags',
    '--no-recurse-submodules',
    '--filter=tree:0',
    ...(shallow.stdout.trim() === 'true' ? ['--unshallow'] : []),
    'origin',
    ...commits,
  ]);
  return exitCode === 0 ? undefined : lastWords(stderr);
}

/**
 * The commits as git knows them in `place`. What its clone does not hold (a shallow one, a commit that
 * was pushed over by force) is fetched once from the remote `origin`.
 */
export function gitHistory(exec: Exec, place: GitPlace): CommitHistory {
  const git = gitIn(exec, place);
  const relate = async (ours: string, deployed: string): Promise<Relation> => {
    const before = await relationInClone(git, ours, deployed);
    if (before.isFinal) return before.relation;
    const problem = await fetchCommits(git, [deployed, ours]);
    if (problem !== undefined)
      return { kind: 'unknown', why: `the history could not be fetched: ${problem}` };
    return (await relationInClone(git, ours, deployed)).relation;
  };
  return {
    relate: async (ours, deployed) => {
      if (ours === deployed) return { kind: 'same' };
      try {
        return await relate(ours, deployed);
      } catch (error) {
        if (!(error instanceof ExecError)) throw error;
        return { kind: 'unknown', why: error.message.split('\n', 1)[0] ?? '' };
      }
    },
    describe: async (commit) => {
      const short = shortCommit(commit);
      const format = ['show', '--no-patch', '--no-show-signature', '--format=%ct %s', commit, '--'];
      const shown = await git(format).catch((error: unknown) => {
        if (error instanceof ExecError) return undefined;
        throw error;
      });
      const [, seconds, subject] = /^(\d{1,11}) (.*)/.exec(shown?.stdout ?? '') ?? [];
      if (seconds === undefined || subject === undefined) return short;
      const time = new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace('T', ' ');
      return `${short} ${quoted(subject)} (${time} UTC)`;
    },
  };
}
