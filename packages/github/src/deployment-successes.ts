import {
  notReached,
  throwHopeless,
  walkLedger,
  type DeploymentLedger,
} from './deployment-ledger.ts';
import { searchDeployments } from './deployment-search.ts';

/** What is asked. */
export interface SuccessQuestion {
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

/** Where services were deployed with success. */
export interface Successes {
  /** The commits of each service, the newest first; a service that never was is not in it. */
  commits: ReadonlyMap<string, readonly string[]>;
  /** Services of which that could not be read, and why. */
  unknown: ReadonlyMap<string, string>;
}

/**
 * The commits at which each service was deployed to a place with success. A commit that failed there when it
 * was deployed once more is none of them. Each answer that came counts. Throws GitHubError when none did.
 */
export async function readSuccesses(
  ledger: DeploymentLedger,
  question: SuccessQuestion,
): Promise<Successes> {
  const { services, targets, commit, most = 500, mostSearched = 50 } = question;
  const commits = new Map<string, string[]>();
  const open = new Set(services);
  const turnedDown = new Set<string>();
  const end = await walkLedger(ledger, {
    most,
    isDone: () => open.size === 0,
    visit: ({ version, succeeded, failed }) => {
      const judged = [version.service, version.target, version.commit].join('\n');
      if (failed) turnedDown.add(judged);
      if (!succeeded || turnedDown.has(judged)) return;
      if (!targets.includes(version.target) || !open.has(version.service)) return;
      const known = commits.get(version.service) ?? [];
      if (!known.includes(version.commit)) known.push(version.commit);
      commits.set(version.service, known);
      if (version.commit === commit) open.delete(version.service);
    },
  });
  const unknown = new Map<string, string>();
  if (end.kind === 'last') return { commits, unknown };
  throwHopeless(end);
  const missing = services.filter((service) => !commits.has(service));
  const searched = missing
    .slice(0, mostSearched)
    .flatMap((service) => targets.map((target) => ({ service, target })));
  for (const answer of await searchDeployments(ledger, searched)) {
    const { service } = answer;
    if ('unknown' in answer) unknown.set(service, answer.unknown);
    else if (answer.found.found !== undefined)
      commits.set(service, [...(commits.get(service) ?? []), answer.found.found.version.commit]);
  }
  for (const service of commits.keys()) unknown.delete(service);
  const nothingCame = searched.every(({ service }) => unknown.has(service));
  if (end.kind === 'broken' && end.read === 0 && nothingCame) throw end.error;
  for (const service of missing.slice(mostSearched)) unknown.set(service, notReached(end));
  return { commits, unknown };
}
