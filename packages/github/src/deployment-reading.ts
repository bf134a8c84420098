import {
  notReached,
  throwHopeless,
  walkLedger,
  type DeploymentLedger,
  type LedgerEnd,
} from './deployment-ledger.ts';
import type { RecordedDeployment } from './deployment-pages.ts';
import { searchDeployments } from './deployment-search.ts';

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
  /** Services that nothing is known about, and why. */
  unknown: ReadonlyMap<string, string>;
  /** The last deployment that succeeded of services that were not asked for, as far as pages were read. */
  others: ReadonlyMap<string, RecordedDeployment>;
}

/** What is asked. */
export interface DeployedQuestion {
  services: readonly string[];
  /** Only what was deployed there counts, `DeployedVersion.target`; by default what has none. */
  target?: string;
  /** So many deployments to the environment are read in pages, others' included; 500 by default. */
  most?: number;
  /** So many services are then looked for one by one; 50 by default. */
  mostSearched?: number;
}

/** What was seen so far. */
interface Seen {
  deployed: Map<string, RecordedDeployment>;
  newer: Map<string, readonly RecordedDeployment[]>;
  others: Map<string, RecordedDeployment>;
  recorded: boolean;
}

/**
 * The version of each service that was last deployed to a place with success. Reads pages of 100 until every
 * service was found, at most `most`; those whose deployments are older, or on a page that cannot be read, are
 * then searched by name. Others' deployments and payloads that are not whole are passed over. Each answer that
 * came counts. Throws GitHubError when none did.
 */
export async function readDeployed(
  ledger: DeploymentLedger,
  question: DeployedQuestion,
): Promise<DeployedServices> {
  const { services, target = '', most = 500 } = question;
  const seen: Seen = { deployed: new Map(), newer: new Map(), others: new Map(), recorded: false };
  const { deployed } = seen;
  const wanted = new Set(services);
  const end = await walkLedger(ledger, {
    most,
    visit: (one) => {
      if (one.version.target !== target) return;
      seen.recorded = true;
      note(seen, wanted, one);
    },
    isDone: () => deployed.size >= wanted.size,
  });
  const unknown = await searchMissing(ledger, { question, seen, end });
  const { recorded, newer, others } = seen;
  return { deployed, undecided: otherCommits(deployed, newer), recorded, unknown, others };
}

function note(
  { deployed, newer, others }: Seen,
  wanted: ReadonlySet<string>,
  one: RecordedDeployment,
): void {
  const { service } = one.version;
  if (!wanted.has(service)) {
    if (one.succeeded && !others.has(service)) others.set(service, one);
  } else if (!deployed.has(service)) {
    if (one.succeeded) deployed.set(service, one);
    else newer.set(service, [...(newer.get(service) ?? []), one]);
  }
}

/** Looks for those that are on no page that was read, and tells what is not known even so. */
async function searchMissing(
  ledger: DeploymentLedger,
  { question, seen, end }: { question: DeployedQuestion; seen: Seen; end: LedgerEnd },
): Promise<ReadonlyMap<string, string>> {
  const { services, target = '', mostSearched = 50 } = question;
  if (end.kind === 'last') return new Map();
  throwHopeless(end);
  const missing = services.filter((service) => !seen.deployed.has(service));
  const searched = missing.slice(0, mostSearched).map((service) => ({ service, target }));
  const answers = await searchDeployments(ledger, searched);
  const unknown = new Map<string, string>();
  for (const answer of answers) {
    const { service } = answer;
    if ('unknown' in answer) {
      unknown.set(service, answer.unknown);
      continue;
    }
    seen.recorded ||= answer.found.recorded;
    if (answer.found.found === undefined) continue;
    seen.deployed.set(service, answer.found.found);
    seen.newer.set(service, answer.found.newer);
  }
  if (end.kind === 'broken' && end.read === 0 && unknown.size === searched.length) throw end.error;
  for (const service of missing.slice(mostSearched)) unknown.set(service, notReached(end));
  return unknown;
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
