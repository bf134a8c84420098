import { hasFailed, hasSucceeded, type StatusAt } from './deployment-outcome.ts';
import {
  deploymentTask,
  readDeploymentPayload,
  type DeployedVersion,
} from './deployment-payload.ts';
import type { GitHubRepository } from './github-repository.ts';

/** A Deployment that Slipway wrote. */
export interface RecordedDeployment {
  version: DeployedVersion;
  /** ISO 8601. */
  createdAt: string;
  succeeded: boolean;
  failed: boolean;
}

/** Some deployments to an environment, the newest first. */
export interface DeploymentPage {
  ours: readonly RecordedDeployment[];
  /** How many there were, others' included. */
  count: number;
  /** Where the next page begins; undefined after the last. */
  next: string | undefined;
}

/** The fields of the query's answer; null is possible where GitHub's schema allows it. */
interface Answer {
  repository: {
    deployments: {
      nodes: readonly (DeploymentNode | null)[] | null;
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
    };
  } | null;
}

interface DeploymentNode {
  commitOid: string;
  createdAt: string;
  task: string | null;
  payload: string | null;
  statuses: { nodes: readonly (StatusAt | null)[] | null } | null;
}

/** Statuses of one deployment; ours have two or three, and a few `inactive`. */
const query = `query ($owner: String!, $repo: String!, $environments: [String!], $first: Int, $after: String) {
  repository(owner: $owner, name: $repo) {
    deployments(environments: $environments, first: $first, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) {
      nodes {
        commitOid
        createdAt
        task
        payload
        statuses(first: 20) { nodes { state createdAt } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

/** A Deployment, when it is ours: by its task, a payload that can be read, and one commit in both. */
export function recordedDeployment(given: {
  commit: string;
  createdAt: string;
  task: string | null;
  payload: unknown;
  statuses: readonly StatusAt[];
}): RecordedDeployment | undefined {
  const version = readDeploymentPayload(given.payload);
  if (version?.commit !== given.commit) return undefined;
  if (given.task !== deploymentTask(version)) return undefined;
  return {
    version,
    createdAt: given.createdAt,
    succeeded: hasSucceeded(given.statuses),
    failed: hasFailed(given.statuses),
  };
}

/**
 * One page of up to 100 deployments to an environment with their statuses, in one request: over REST
 * each deployment's statuses are a request of their own. Throws GitHubError.
 */
export async function readDeploymentPage(
  github: GitHubRepository,
  { environment, after }: { environment: string; after: string | undefined },
): Promise<DeploymentPage> {
  const errand = {
    what: `read the deployments to ${environment}`,
    right: 'deployments: read',
  };
  const answer = await github.ask(errand, (octokit, { owner, repo }) =>
    octokit.graphql<Answer>(query, {
      owner,
      repo,
      environments: [environment],
      first: 100,
      after: after ?? null,
    }),
  );
  const { nodes, pageInfo } = answer.repository?.deployments ?? { nodes: [], pageInfo: undefined };
  const present = (nodes ?? []).filter((node) => node !== null);
  const ours = present.flatMap(({ commitOid, createdAt, task, payload, statuses }) => {
    const known = (statuses?.nodes ?? []).filter((status) => status !== null);
    const recorded = recordedDeployment({
      commit: commitOid,
      createdAt,
      task,
      payload,
      statuses: known,
    });
    return recorded === undefined ? [] : [recorded];
  });
  const next = pageInfo?.hasNextPage === true ? (pageInfo.endCursor ?? undefined) : undefined;
  return { ours, count: present.length, next };
}
