import { recordedDeployment, type RecordedDeployment } from './deployment-pages.ts';
import { deploymentTask } from './deployment-payload.ts';
import type { GitHubRepository } from './github-repository.ts';

/** So many of a service's newest deployments are looked at, one request each. */
const most = 10;

/**
 * The newest deployment of one service to a place that succeeded, found by its task however many
 * deployments of others are newer; undefined when none of its last ten did. `recorded` tells whether it
 * has any. Throws GitHubError.
 */
export async function findDeployment(
  github: GitHubRepository,
  { environment, service, target }: { environment: string; service: string; target: string },
): Promise<{ found: RecordedDeployment | undefined; recorded: boolean }> {
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
      if (found?.succeeded === true && task === deploymentTask({ service, target }))
        return { found, recorded: true };
    }
    return { found: undefined, recorded: data.length > 0 };
  });
}
