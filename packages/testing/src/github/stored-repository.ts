import type { StoredApp } from './stored-app.ts';

/** A status of a stored deployment. */
export interface StoredStatus {
  /** In lower case. */
  state: string;
  createdAt: string;
  environment?: string;
  logUrl?: string;
  environmentUrl?: string;
  description?: string;
}

/** A deployment that the fake GitHub has. */
export interface StoredDeployment {
  id: number;
  /** Of a commit. */
  sha: string;
  ref: string;
  task: string;
  environment: string;
  /** An object, or a text as old clients sent it. */
  payload: unknown;
  description: string;
  createdAt: string;
  statuses: StoredStatus[];
}

/** A status of a commit, by whom. */
export interface StoredCommitStatus {
  sha: string;
  context: string;
  state: string;
  description: string;
  targetUrl: string;
  creator: string;
}

/** A pull request, as far as its commits are asked for. */
export interface StoredPull {
  number: number;
  mergeCommit: string | null;
  mergedAt: string | null;
  headSha: string;
  /** `owner/name`; null for a fork that was deleted. */
  headRepository: string | null;
}

/** What the fake GitHub knows of its one repository; tests change it as they like. */
export interface StoredRepository {
  /** The newest first. */
  deployments: StoredDeployment[];
  /** The newest first. */
  commitStatuses: StoredCommitStatus[];
  pulls: StoredPull[];
  /** Who owns the token: the creator of what is written. */
  writer: string;
  /** An App that may ask too. */
  app?: StoredApp;
}

/** A repository in which nothing happened yet. */
export function emptyRepository(): StoredRepository {
  return { deployments: [], commitStatuses: [], pulls: [], writer: 'github-actions[bot]' };
}

/** Adds a deployment as the newest. */
export function addDeployment(
  repository: StoredRepository,
  given: Partial<StoredDeployment> & Pick<StoredDeployment, 'sha' | 'environment'>,
): StoredDeployment {
  const id = 1000 + repository.deployments.length;
  const deployment: StoredDeployment = {
    id,
    ref: given.sha,
    task: 'deploy',
    payload: {},
    description: '',
    createdAt: new Date(1_790_000_000_000 + id * 60_000).toISOString().replace('.000', ''),
    statuses: [],
    ...given,
  };
  repository.deployments.unshift(deployment);
  return deployment;
}
