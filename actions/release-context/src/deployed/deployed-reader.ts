import type { Exec } from '@slipway/exec';
import type { Environment, Target } from '@slipway/fleet';
import { openLedger, readDeployed, type DeployedServices } from '@slipway/github';
import {
  goneServices,
  knownDeployments,
  type ForeignDeployment,
  type KnownDeployments,
  type KnownPlace,
  type ReleaseEvent,
  type Repository,
} from '@slipway/release';
import type { Run } from '@slipway/runtime';
import { askGitHub, type GitHubAnswer } from '../github-answer.ts';
import { readClusters, type ClusterInputs, type TargetReleases } from './cluster-releases.ts';
import { releasePlaces, type PlaceFacts } from './release-places.ts';

/** Where a release goes: an environment, and its targets, one without a name where it has but one. */
export interface DeployedPlace {
  environment: string;
  targets: readonly Target[];
}

/** What is known of the deployments to an environment. */
export interface DeployedKnowledge {
  deployments: KnownDeployments;
  /** What is deployed of services that are in no folder any more. */
  gone: readonly ForeignDeployment[];
}

/** What is asked about deployments. */
export interface DeployedFacts extends PlaceFacts {
  exec: Exec;
  event: ReleaseEvent;
  repository: Repository;
  inputs: ClusterInputs & {
    /** Of the call. */
    name: string;
    token: string;
  };
}

/** All of an environment of slipway.yml. */
export function placeOf(environment: Environment | undefined): DeployedPlace {
  return {
    environment: environment?.name ?? '',
    targets: environment?.waves.flat() ?? [],
  };
}

/** An environment of the call: one place, about which the call says everything. */
export function onlyPlace(environment: string): DeployedPlace {
  const target = { name: '', cluster: undefined, hosts: undefined, namespace: undefined };
  return { environment, targets: [{ ...target, valueFiles: [] }] };
}

/** A target as a record has it, for a call of this name. */
export function recordedTarget(callName: string, target: string): string {
  return [callName, target].filter((part) => part !== '').join('/');
}

/** What the record says of each target, by its name. */
type TargetRecords = ReadonlyMap<string, DeployedServices>;

/** Reads the record of all targets of a place, side by side. */
async function readRecord(
  run: Run,
  { environment, targets }: DeployedPlace,
  { services, inputs }: DeployedFacts,
): Promise<GitHubAnswer<TargetRecords>> {
  const names = services.map(({ name }) => name);
  return await askGitHub(run, inputs.token, async (github) => {
    const ledger = openLedger(github, environment);
    const reads = targets.map(async ({ name }) => {
      const target = recordedTarget(inputs.name, name);
      return [name, await readDeployed(ledger, { services: names, target })] as const;
    });
    return new Map(await Promise.all(reads));
  });
}

/** One target with what its record and its cluster say; `why` when the record could not be read. */
function knownPlace(
  services: DeployedFacts['services'],
  { name }: Target,
  {
    record,
    cluster,
    why,
  }: { record: TargetRecords; cluster: TargetReleases | undefined; why: string },
): KnownPlace {
  const read = record.get(name);
  const known = new Map(
    [...(read?.deployed ?? [])].map(([service, { version }]) => [service, version.commit]),
  );
  return {
    target: name,
    commits: known,
    undecided: read?.undecided ?? new Map(),
    unknown: read?.unknown ?? new Map(services.map((service) => [service.name, why])),
    recorded: read?.recorded ?? false,
    cluster: cluster?.releases ?? new Map(),
  };
}

/** What is recorded of services that are in no folder, unless their release is no longer in the cluster. */
async function goneFrom(
  { exec, repository, services }: DeployedFacts,
  record: TargetRecords,
  clusters: ReadonlyMap<string, TargetReleases>,
): Promise<readonly ForeignDeployment[]> {
  const foreign = [...record].flatMap(([target, { others }]) =>
    [...others.values()].map(({ version }) => Object.assign({}, version, { target })),
  );
  const gone = await goneServices(exec, { repository, services }, foreign);
  return gone.filter(({ target, namespace, release }) => {
    const cluster = clusters.get(target);
    // One that has nothing of the others' tells nothing of this one.
    const isIt = [...(cluster?.releases.values() ?? [])].some(({ kind }) => kind !== 'absent');
    return !isIt || cluster?.has(namespace, release) !== false;
  });
}

/** Says of which services nothing is known, and where record and cluster differ. */
function tellKnown(
  run: Run,
  place: DeployedPlace,
  known: KnownDeployments,
  record: TargetRecords,
): void {
  const byReason = new Map<string, Set<string>>();
  for (const { unknown } of record.values())
    for (const [service, why] of unknown)
      byReason.set(why, (byReason.get(why) ?? new Set()).add(service));
  const title = { title: 'release-context' };
  for (const [why, services] of byReason)
    run.log.notice(
      `What is deployed to ${place.environment} of ${[...services].join(', ')} is not on record: ${why}.`,
      title,
    );
  for (const difference of known.differences) run.log.notice(difference, title);
}

/**
 * Tells what is deployed to the plan's environment, which is read once, from the record and from the cluster;
 * undefined when there is no environment or nothing is known, which is then said.
 */
export function deployedReader(
  run: Run,
  facts: DeployedFacts,
): (place: DeployedPlace) => Promise<DeployedKnowledge | undefined> {
  const { event, inputs, services } = facts;
  let read: Promise<DeployedKnowledge | undefined> | undefined;
  const ask = async (place: DeployedPlace): Promise<DeployedKnowledge | undefined> => {
    const { environment, targets } = place;
    const placesIn = await releasePlaces(facts, environment);
    const [answer, clusters] = await Promise.all([
      readRecord(run, place, facts),
      readClusters(run, inputs, { environment, targets, placesIn }),
    ]);
    const record: TargetRecords = answer.known ? answer.value : new Map();
    const why = answer.known ? '' : answer.why;
    const deployments = knownDeployments(
      environment,
      targets.map((target) =>
        knownPlace(services, target, { record, cluster: clusters.get(target.name), why }),
      ),
    );
    if (!answer.known) tellUnread(run, { environment, event, answer, deployments });
    if (!answer.known && !deployments.recorded) return undefined;
    tellKnown(run, place, deployments, record);
    return { deployments, gone: await goneFrom(facts, record, clusters) };
  };
  return async (place) => {
    if (place.environment === '' || event.kind === 'pull-request') return undefined;
    read ??= ask(place);
    return read;
  };
}

/** Says that the record could not be read, and what counts in its place. */
function tellUnread(
  run: Run,
  given: {
    environment: string;
    event: ReleaseEvent;
    answer: { why: string; next: string };
    deployments: KnownDeployments;
  },
): void {
  const { environment, event, answer, deployments } = given;
  const ofPush = ' Services are compared with what the branch pointed to before.';
  const fallback = event.kind === 'push' ? ofPush : '';
  const subject = deployments.recorded
    ? `What is deployed to ${environment} is known by the cluster alone`
    : `What is deployed to ${environment} is not known`;
  run.log.notice(
    `${subject}: ${answer.why}.${deployments.recorded ? '' : fallback}\nNext: ${answer.next}`,
    { title: 'release-context' },
  );
}
