import type { GitHubRepository } from './github-repository.ts';
import { isTestsName, type TestedClaim } from './tested-claim.ts';

/** The context of the commit status that says a tree passed its tests. */
export const testedContext = 'slipway/tests';

const told = /^tree ([0-9a-f]{40}(?:[0-9a-f]{24})?) passed (\S{1,60})$/;
/** Who writes statuses with the token of a job; the same on GitHub Enterprise Server. */
const writer = 'github-actions[bot]';

/** A tree that passed tests, and where. */
export interface TestedTree {
  tree: string;
  /** Which tests, as TestedClaim names them. */
  tests: string;
  /** The commit that says so. */
  commit: string;
  /** The run; http(s) or empty. */
  runUrl: string;
}

/**
 * Says on `commit` that the tree of `claim` passed its tests, and returns by which name. On a pull request
 * `commit` is the head of its branch while the tree is that of the merge which was tested; in a merge queue
 * they belong together. Where all of the base's tree passed before, and now what the change since can
 * break, all of this tree has passed; the base's own record tells that. Throws GitHubError.
 */
export async function recordTestedTree(
  github: GitHubRepository,
  { commit, claim, runUrl }: { commit: string; claim: TestedClaim; runUrl: string },
): Promise<string> {
  const { tree, all, base } = claim;
  const before = base === undefined ? undefined : await findTestedTree(github, base.commit);
  const isWhole = before?.tree === base?.tree && before?.tests === all;
  const tests = isWhole ? all : claim.tests;
  const errand = { what: `record the tests of ${commit.slice(0, 7)}`, right: 'statuses: write' };
  await github.ask(errand, (octokit, { owner, repo }) =>
    octokit.rest.repos.createCommitStatus({
      owner,
      repo,
      sha: commit,
      state: 'success',
      context: testedContext,
      description: `tree ${tree} passed ${tests}`,
      target_url: runUrl,
    }),
  );
  return tests;
}

/**
 * What is said of the tests of a commit: on the commit itself (a merge queue tests what it then pushes), or
 * on the head of the pull request that was merged as this commit. Undefined when nothing is: then it is
 * tested. Whether the tree is the one that is asked for is the caller's to compare. What a fork says counts
 * for nothing, nor what others than GitHub Actions wrote; who may push a branch with a workflow could write
 * it too, as they could write what branch protection requires. Throws GitHubError.
 */
export async function findTestedTree(
  github: GitHubRepository,
  commit: string,
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
      const status = data.find(({ context }) => context === testedContext);
      if (status?.state !== 'success' || status.creator?.login !== writer) return undefined;
      const [, tree, tests] = told.exec(status.description ?? '') ?? [];
      if (tree === undefined || tests === undefined || !isTestsName(tests)) return undefined;
      return { tree, tests, commit: ref, runUrl: status.target_url ?? '' };
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
      const found = await statusOn(head.sha);
      if (found !== undefined) return found;
    }
    return undefined;
  });
}
