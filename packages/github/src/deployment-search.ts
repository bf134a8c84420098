import type { DeploymentLedger } from './deployment-ledger.ts';
import { recordedDeployment, type RecordedDeployment } from './deployment-pages.ts';
import { deploymentTask } from './deployment-payload.ts';
import { GitHubError, reasonOf } from './github-error.ts';
import type { GitHubRepository } from './github-repository.ts';

/** So many of a service's newest deployments are looked at, one request each. */
const most = 10;

/** What GitHub has of one service in one place. */
export interface ServiceDeployments {
  /** The newest that succeeded; undefined when none of the last ten did. */
  found: RecordedDeployment | undefined;
  /** Those that are newer, the newest first. */
  newer: readonly RecordedDeployment[];
  /** Whether it has any, whatever came of it. */
  recorded: boolean;
}

/**
 * The deployments of one service to a place, found by their task however many deployments of others are
 * newer. Throws GitHubError.
 */
export async function findDeployment(
  github: GitHubRepository,
  { environment, service, target }: { environment: string; service: string; target: string },
): Promise<ServiceDeployments> {
  const errand = {
    what: `read the deployments of ${service} to ${environment}`,
    right: 'deployments: read',
  };
  return github.ask(errand, async (octokit, { owner, repo }) => {
    const { data } = await octokit.rest.repos.listDeployments({
      owner,
      repo,
      environment,
      task: deploymentTask({ service, target }),
      per_page: most,
    });
    const newer: RecordedDeployment[] = [];
    for (const { id, sha, created_at, task, payload } of data) {
      const statuses = await octokit.rest.repos.listDeploymentStatuses({
        owner,
        repo,
        deployment_id: id,
        per_page: 20,
      });
      const found = recordedDeployment({
        commit: sha,
        createdAt: created_at,
        task,
        payload,
        statuses: statuses.data.map(({ state, created_at: at }) => ({ state, createdAt: at })),
      });
      if (found === undefined || task !== deploymentTask({ service, target })) continue;
      if (found.succeeded) return { found, newer, recorded: true };
      newer.push(found);
    }
    return { found: undefined, newer, recorded: data.length > 0 };
  });
}

/** So many searches run side by side; GitHub asks for few (docs.github.com, secondary rate limits). */
const lanes = 4;

/** One service in one place. */
export interface ServicePlace {
  service: string;
  target: string;
}

/** What a search came to; why not, where GitHub did not tell. */
export type SearchAnswer = ServicePlace & ({ found: ServiceDeployments } | { unknown: string });

/**
 * Looks for the deployments of each of `places`, several side by side. A search that fails takes no other's
 * answer away; who failed asks no more, so that a GitHub that is away is not asked for each of them.
 */
export async function searchDeployments(
  { github, environment }: DeploymentLedger,
  places: readonly ServicePlace[],
): Promise<readonly SearchAnswer[]> {
  const left = [...places];
  const answers: SearchAnswer[] = [];
  let failure: GitHubError | undefined;
  const lane = async (): Promise<void> => {
    for (let place = left.shift(); place !== undefined; place = left.shift())
      try {
        const found = await findDeployment(github, { environment, ...place });
        answers.push({ ...place, found });
      } catch (error) {
        if (!(error instanceof GitHubError)) throw error;
        failure = error;
        answers.push({ ...place, unknown: reasonOf(error) });
        return;
      }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  // Only when every lane failed is anything left.
  const why = failure === undefined ? '' : reasonOf(failure);
  return [...answers, ...left.map((place) => ({ ...place, unknown: why }))];
}
