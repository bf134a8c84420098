import { readDeploymentPage, type RecordedDeployment } from './deployment-pages.ts';
import { findDeployment } from './deployment-search.ts';
import type { GitHubRepository } from './github-repository.ts';

/** What is deployed to one place, as far as GitHub's Deployments tell. */
export interface DeployedServices {
  /** The last deployment that succeeded, by service. */
  deployed: ReadonlyMap<string, RecordedDeployment>;
  /**
   * Services of `deployed` with a newer deployment of another commit that did not succeed, or has not yet, and
   * that commit. Whether the place has it is not known: a rollback may have failed, a runner may be lost.
   */
  undecided: ReadonlyMap<string, string>;
  /** Whether Slipway recorded any deployment to this place, whatever came of it. */
  recorded: boolean;
  /** Services that nothing is known about, since too many deployments lie before theirs. */
  unknown: readonly string[];
}

/** What is asked. */
export interface DeployedQuestion {
  environment: string;
  services: readonly string[];
  /** Only what was deployed there counts, `DeployedVersion.target`; by default what has none. */
  target?: string;
  /** So many deployments to the environment are read in pages, others' included; 500 by default. */
  most?: number;
  /** So many services are then looked for one by one; 50 by default. */
  mostSearched?: number;
}

/**
 * The version of each service that was last deployed to a place with success. Reads pages of 100
 * until every service was found, at most `most`; those whose deployments are older are then searched by
 * name. Others' deployments and payloads that are not whole are passed over. Throws GitHubError.
 */
export async function readDeployed(
  github: GitHubRepository,
  question: DeployedQuestion,
): Promise<DeployedServices> {
  const { environment, services, target = '', most = 500, mostSearched = 50 } = question;
  const deployed = new Map<string, RecordedDeployment>();
  const newer = new Map<string, readonly RecordedDeployment[]>();
  let recorded = false;
  let next: string | undefined;
  let read = 0;
  do {
    const page = await readDeploymentPage(github, { environment, after: next });
    for (const one of page.ours) {
      if (one.version.target !== target) continue;
      recorded = true;
      const { service } = one.version;
      if (!services.includes(service) || deployed.has(service)) continue;
      if (one.succeeded) deployed.set(service, one);
      else newer.set(service, [...(newer.get(service) ?? []), one]);
    }
    read += page.count;
    // An empty page that promises more would go on for ever.
    next = page.count === 0 ? undefined : page.next;
  } while (next !== undefined && read < most && deployed.size < services.length);
  const missing = services.filter((service) => !deployed.has(service));
  const searched = next === undefined ? [] : missing.slice(0, mostSearched);
  for (const service of searched) {
    const search = await findDeployment(github, { environment, service, target });
    recorded ||= search.recorded;
    if (search.found === undefined) continue;
    deployed.set(service, search.found);
    newer.set(service, search.newer);
  }
  const unknown = next === undefined ? [] : missing.slice(mostSearched);
  return { deployed, undecided: otherCommits(deployed, newer), recorded, unknown };
}

/** The newest of another commit than the one that is deployed, by service. */
function otherCommits(
  deployed: ReadonlyMap<string, RecordedDeployment>,
  newer: ReadonlyMap<string, readonly RecordedDeployment[]>,
): ReadonlyMap<string, string> {
  const others = new Map<string, string>();
  for (const [service, { version }] of deployed) {
    const all = newer.get(service) ?? [];
    const other = all.find((one) => one.version.commit !== version.commit);
    if (other !== undefined) others.set(service, other.version.commit);
  }
  return others;
}
