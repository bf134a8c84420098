import type { ClusterRelease } from './cluster-release.ts';

/** What is deployed to one environment, as far as somebody recorded it and the cluster tells. */
export interface KnownDeployments {
  environment: string;
  /** How many places the environment has: its targets, or one. */
  places: number;
  /**
   * The commits that were last deployed with success, by service: one for each place where one was. A
   * service of which none was is not in it.
   */
  commits: ReadonlyMap<string, readonly string[]>;
  /** Services of which it is not known what one of the places has, and why: they are due whatever changed. */
  doubts: ReadonlyMap<string, string>;
  /** Whether anything was recorded there, whatever came of it, or the cluster has a release with a commit. */
  recorded: boolean;
  /** Where the record says something else than the cluster: a line for people each. */
  differences: readonly string[];
}

/** What is known of one place: a target of an environment, or its only one. */
export interface KnownPlace {
  /** The target; empty for the only one. */
  target: string;
  /** The commits that were last deployed with success, as the record says. */
  commits: ReadonlyMap<string, string>;
  /** Services with a newer deployment that did not succeed, or has not yet, and its commit. */
  undecided: ReadonlyMap<string, string>;
  /** Services of which the record could not be read, and why. */
  unknown: ReadonlyMap<string, string>;
  /** Whether anything was recorded there, whatever came of it. */
  recorded: boolean;
  /** What the cluster has of services; of those that are not in it, it did not tell. */
  cluster: ReadonlyMap<string, ClusterRelease>;
}

const short = (commit: string): string => commit.slice(0, 7);
const time = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** What one place has of a service: a commit, a doubt, or neither. */
interface Finding {
  commit?: string | undefined;
  doubt?: string;
  difference?: string;
}

/** The record knows of what the later deployment was. */
function doubtOf(
  seen: ClusterRelease | undefined,
  undecided: string | undefined,
): Pick<Finding, 'doubt'> {
  if (undecided !== undefined)
    return { doubt: `a later deployment of ${short(undecided)} did not succeed, or has not yet` };
  if (seen === undefined || seen.kind === 'absent' || seen.overtaken !== true) return {};
  return { doubt: 'a later revision of its release failed or is under way' };
}

function findingOf(place: KnownPlace, service: string): Finding {
  const record = place.commits.get(service);
  const seen = place.cluster.get(service);
  const unknown = place.unknown.get(service);
  const undecided = place.undecided.get(service);
  const where = place.target === '' ? '' : ` in ${place.target}`;
  const doubt = doubtOf(seen, undecided);
  if (seen?.kind === 'commit') {
    const { commit, sinceMs } = seen;
    const differs = record !== undefined && record !== commit;
    return {
      commit,
      ...doubt,
      ...(differs && {
        difference: `${service}${where}: the record says ${short(record)}, the cluster has ${short(commit)} since ${time(sinceMs)} UTC. It is compared with what the cluster has.`,
      }),
    };
  }
  if (seen?.kind === 'absent' && record !== undefined) {
    const lost = `the record says ${short(record)}, and the cluster has no deployed release ${seen.release} in ${seen.namespace}`;
    return { doubt: lost, difference: `${service}${where}: ${lost}.` };
  }
  if (seen?.kind !== 'absent' && unknown !== undefined)
    return { doubt: `what is deployed of it is not known: ${unknown}` };
  return { commit: record, ...doubt };
}

/** Whether a cluster has none of what is on record there: more likely it is another one than that all went. */
function isElsewhere({ commits, cluster }: KnownPlace): boolean {
  const onRecord = [...commits.keys()].filter((service) => cluster.has(service));
  return onRecord.length > 0 && [...cluster.values()].every(({ kind }) => kind === 'absent');
}

/**
 * What the places of an environment have together. The cluster knows better than the record, which may not have
 * been written, or tell of a release that somebody rolled back by hand; where it tells nothing, or has nothing of
 * what is on record, the record counts.
 */
export function knownDeployments(
  environment: string,
  given: readonly KnownPlace[],
): KnownDeployments {
  const elsewhere = given.filter(isElsewhere);
  const places = given.map((place) =>
    elsewhere.includes(place) ? { ...place, cluster: new Map<string, ClusterRelease>() } : place,
  );
  const services = new Set(
    places.flatMap(({ commits, undecided, unknown, cluster }) =>
      [commits, undecided, unknown, cluster].flatMap((map) => [...map.keys()]),
    ),
  );
  const commits = new Map<string, readonly string[]>();
  const doubts = new Map<string, string>();
  const differences = elsewhere.map(
    ({ target }) =>
      `The cluster${target === '' ? '' : ` of ${target}`} has none of the releases that are on record for ${environment}, so it is taken for another one and the record counts alone.`,
  );
  for (const service of services)
    for (const place of places) {
      const { commit, doubt, difference } = findingOf(place, service);
      if (commit !== undefined) commits.set(service, [...(commits.get(service) ?? []), commit]);
      if (doubt !== undefined) doubts.set(service, doubt);
      if (difference !== undefined) differences.push(difference);
    }
  const isStamped = places.some(({ cluster }) =>
    [...cluster.values()].some(({ kind }) => kind === 'commit'),
  );
  return {
    environment,
    places: places.length,
    commits,
    doubts,
    recorded: isStamped || places.some(({ recorded }) => recorded),
    differences,
  };
}
