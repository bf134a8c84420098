import { ActionError } from '@slipway/runtime';
import { deploymentPayload, deploymentTask, type DeployedVersion } from './deployment-payload.ts';
import type { Errand } from './github-error.ts';
import type { GitHubRepository } from './github-repository.ts';

/** The states that are written; `error` is a deployment that was given up before it was decided. */
export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error';

/** What there is to say of a deployment. */
export interface DeploymentStatus {
  environment: string;
  state: DeploymentState;
  /** The run; http(s) or empty. */
  logUrl: string;
  /** Where the service can be seen; http(s) or empty. */
  environmentUrl: string;
  description: string;
}

/** Characters of a description that GitHub takes. */
const longestDescription = 140;

function shortened(text: string): string {
  return text.length > longestDescription ? `${text.slice(0, longestDescription - 1)}…` : text;
}

function errandOf(service: string, environment: string): Errand {
  return {
    what: `record the deployment of ${service} to ${environment}`,
    right: 'deployments: write',
  };
}

/**
 * Makes a Deployment of a service and returns its id. It waits for no checks and merges nothing: what is
 * deployed was decided before. An answer that gets lost leaves one that never ends, which reading passes
 * over. Throws GitHubError.
 */
export async function createDeployment(
  github: GitHubRepository,
  { environment, version }: { environment: string; version: DeployedVersion },
): Promise<number> {
  const { data } = await github.ask(errandOf(version.service, environment), (octokit, name) =>
    octokit.rest.repos.createDeployment({
      owner: name.owner,
      repo: name.repo,
      ref: version.commit,
      task: deploymentTask(version),
      environment,
      auto_merge: false,
      required_contexts: [],
      payload: deploymentPayload(version),
      description: shortened(`${version.service} ${version.version}`),
    }),
  );
  if ('id' in data) return data.id;
  throw new ActionError(
    `GitHub made no deployment of ${version.service} in ${github.name}: it answered that it merged a branch.`,
    { next: 'Deploy a commit that was pushed.' },
  );
}

/**
 * Adds a status to a service's Deployment. Deployments of other services to the same environment stay
 * active (`auto_inactive`). Throws GitHubError.
 */
export async function addDeploymentStatus(
  github: GitHubRepository,
  { id, service, status }: { id: number; service: string; status: DeploymentStatus },
): Promise<void> {
  const { environment, state, logUrl, environmentUrl, description } = status;
  await github.ask(errandOf(service, environment), (octokit, name) =>
    octokit.rest.repos.createDeploymentStatus({
      owner: name.owner,
      repo: name.repo,
      deployment_id: id,
      state,
      environment,
      log_url: logUrl,
      environment_url: environmentUrl,
      description: shortened(description),
      auto_inactive: false,
    }),
  );
}
