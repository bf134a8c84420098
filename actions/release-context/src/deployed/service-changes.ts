import type { Exec } from '@slipway/exec';
import {
  commitsSince,
  serviceFolders,
  type CommitsSince,
  type Discovery,
  type KnownDeployments,
  type ReleasePlan,
} from '@slipway/release';
import { count } from '@slipway/runtime';

/** What a plan does with one service, for people. */
export interface ServiceChange {
  service: string;
  /** `1a2b3c4 → 5d6e7f8, 3 commits: planned, since …`. */
  line: string;
  /** The commits since what is deployed, one a line. */
  commits: readonly string[];
}

/** Each is a git log; of more services only the plan is told. */
const maxServices = 50;
const short = (sha: string): string => sha.slice(0, 7);

function commitCount({ commits, more }: CommitsSince): string {
  return more ? `more than ${commits.length} commits` : count(commits.length, 'commit');
}

function verdict(plan: ReleasePlan, service: string): string {
  if (!plan.services.includes(service)) return 'left out, nothing that it is made of changed';
  const because = plan.because.get(service);
  return because === undefined ? `planned (${plan.why})` : `planned because of ${because}`;
}

/**
 * For each service what is deployed of it and what the plan would deploy, the commits between, and why it
 * is in the plan or not.
 */
export async function serviceChanges(
  exec: Exec,
  given: {
    plan: ReleasePlan;
    discovery: Discovery;
    deployments: KnownDeployments;
    sha: string;
  },
): Promise<readonly ServiceChange[]> {
  const { plan, deployments, sha } = given;
  const { services, repository } = given.discovery;
  const changes: ServiceChange[] = [];
  for (const service of services.slice(0, maxServices)) {
    // One for each target; what is told is since the one that is furthest behind.
    const bases = [...new Set(deployments.commits.get(service.name))];
    const folders = serviceFolders(repository, services, service);
    let since: CommitsSince | undefined;
    for (const from of bases) {
      const found = await commitsSince(exec, { root: repository.root, from, folders });
      if (since === undefined || (found?.commits.length ?? 0) > since.commits.length) since = found;
    }
    // What is not known is not none.
    const without = deployments.doubts.has(service.name) ? 'not known' : 'none';
    const way = `${bases.map(short).join(', ') || without} → ${short(sha)}`;
    const told = since === undefined ? way : `${way}, ${commitCount(since)}`;
    changes.push({
      service: service.name,
      line: `${told}: ${verdict(plan, service.name)}`,
      commits: (since?.commits ?? []).map((commit) => `${short(commit.sha)} ${commit.subject}`),
    });
  }
  return changes;
}
