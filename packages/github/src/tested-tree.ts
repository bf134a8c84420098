import type { GitHubRepository } from './github-repository.ts';

/** The context of the commit status that says a tree passed its tests. */
export const testedContext = 'slipway/tests';

const treePattern = /^tree ([0-9a-f]{40}(?:[0-9a-f]{24})?) passed$/;
/** Who writes statuses with the token of a job; the same on GitHub Enterprise Server. */
const writer = 'github-actions[bot]';

/**
 * Says on `commit` that the git tree `tree` passed its tests. On a pull request `commit` is the head of
 * its branch while `tree` is that of the merge which was tested; in a merge queue they belong together.
 * Throws GitHubError.
 */
export async function recordTestedTree(
  github: GitHubRepository,
  { commit, tree, runUrl }: { commit: string; tree: string; runUrl: string },
): Promise<void> {
  const errand = { what: `record the tests of ${commit.slice(0, 7)}`, right: 'statuses: write' };
  await github.ask(errand, (octokit, { owner, repo }) =>
    octokit.rest.repos.createCommitStatus({
      owner,
      repo,
      sha: commit,
      state: 'success',
      context: testedContext,
      description: `tree ${tree} passed`,
      target_url: runUrl,
    }),
  );
}

/** Where a tree was tested. */
export interface TestedTree {
  /** The commit that says so. */
  commit: string;
  /** The run, or the empty string. */
  runUrl: string;
}

/**
 * Where the git tree of a commit was tested before: on the commit itself (a merge queue tests what it
 * then pushes), or on the head of the pull request that was merged as this commit. Undefined when that
 * is not known: then it is tested. What a fork says counts for nothing, nor what others than GitHub
 * Actions wrote; who may change workflows on a branch of this repository could write it too, as they
 * could change the check itself. Throws GitHubError.
 */
export async function findTestedTree(
  github: GitHubRepository,
  { commit, tree }: { commit: string; tree: string },
): Promise<TestedTree | undefined> {
  const errand = {
    what: `read whether ${commit.slice(0, 7)} was tested`,
    right: 'statuses: read, pull-requests: read',
  };
  return github.ask(errand, async (octokit, { owner, repo }) => {
    const statusOn = async (ref: string): Promise<TestedTree | undefined> => {
      const { data } = await octokit.rest.repos.listCommitStatusesForRef({
        owner,
        repo,
        ref,
        per_page: 100,
      });
      // The newest of this context decides.
      const told = data.find((status) => status.context === testedContext);
      if (told?.state !== 'success' || told.creator?.login !== writer) return undefined;
      if (treePattern.exec(told.description ?? '')?.[1] !== tree) return undefined;
      return { commit: ref, runUrl: told.target_url ?? '' };
    };
    const own = await statusOn(commit);
    if (own !== undefined) return own;
    const pulls = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({
      owner,
      repo,
      commit_sha: commit,
    });
    for (const { merge_commit_sha, merged_at, head } of pulls.data) {
      // The type promises a repository; a fork that was deleted has none.
      const from = head.repo as { full_name: string } | null;
      const isOurs = from?.full_name.toLowerCase() === github.name.toLowerCase();
      if (merge_commit_sha !== commit || merged_at === null || !isOurs) continue;
      const told = await statusOn(head.sha);
      if (told !== undefined) return told;
    }
    return undefined;
  });
}
