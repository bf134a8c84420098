import { readDeploymentPage } from './deployment-pages.ts';
import { findDeployment } from './deployment-search.ts';
import type { GitHubRepository } from './github-repository.ts';

/** What is asked. */
export interface SuccessQuestion {
  environment: string;
  services: readonly string[];
  /** `DeployedVersion.target`; a deployment to any of them counts. */
  targets: readonly string[];
  /** Nothing older is read of a service that was deployed at this commit. */
  commit: string;
  /** So many deployments to the environment are read in pages, others' included; 500 by default. */
  most?: number;
  /** So many services are then looked for one by one; 50 by default. */
  mostSearched?: number;
}

/**
 * The commits at which each service was deployed to a place with success, the newest first; a service that
 * never was is not in it, nor one whose deployments lie behind too many others. A commit that failed there
 * when it was deployed once more is none of them. Throws GitHubError.
 */
export async function readSuccesses(
  github: GitHubRepository,
  question: SuccessQuestion,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { environment, services, targets, commit, most = 500, mostSearched = 50 } = question;
  const found = new Map<string, string[]>();
  const open = new Set(services);
  const turnedDown = new Set<string>();
  let next: string | undefined;
  let read = 0;
  do {
    const page = await readDeploymentPage(github, { environment, after: next });
    for (const { version, succeeded, failed } of page.ours) {
      const judged = [version.service, version.target, version.commit].join('\n');
      if (failed) turnedDown.add(judged);
      if (!succeeded || turnedDown.has(judged)) continue;
      if (!targets.includes(version.target) || !open.has(version.service)) continue;
      const commits = found.get(version.service) ?? [];
      if (!commits.includes(version.commit)) commits.push(version.commit);
      found.set(version.service, commits);
      if (version.commit === commit) open.delete(version.service);
    }
    read += page.count;
    // An empty page that promises more would go on for ever.
    next = page.count === 0 ? undefined : page.next;
  } while (next !== undefined && read < most && open.size > 0);
  if (next === undefined) return found;
  const missing = services.filter((service) => !found.has(service)).slice(0, mostSearched);
  for (const service of missing)
    for (const target of targets) {
      const { found: last } = await findDeployment(github, { environment, service, target });
      if (last !== undefined)
        found.set(service, [...(found.get(service) ?? []), last.version.commit]);
    }
  return found;
}
