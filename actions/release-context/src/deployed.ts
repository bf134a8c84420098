import type { Environment } from '@slipway/fleet';
import { readDeployed, type GitHubRepository } from '@slipway/github';
import type { KnownDeployments, ReleaseEvent, Service } from '@slipway/release';
import type { Run } from '@slipway/runtime';
import { askGitHub } from './github-answer.ts';
import type { Inputs } from './inputs.ts';

/** Where a release goes: an environment, and its targets by name, one without a name where it has but one. */
export interface DeployedPlace {
  environment: string;
  targets: readonly string[];
}

/** All of an environment of slipway.yml. */
export function placeOf(environment: Environment | undefined): DeployedPlace {
  return {
    environment: environment?.name ?? '',
    targets: environment?.waves.flat().map(({ name }) => name) ?? [],
  };
}

/** A target as a record has it, for a call of this name. */
export function recordedTarget(callName: string, target: string): string {
  return [callName, target].filter((part) => part !== '').join('/');
}

/** What of `services` is deployed in a place: a service has the commit of each target that it was deployed to. */
async function readPlace(
  github: GitHubRepository,
  asked: DeployedPlace & { services: readonly string[]; callName: string },
): Promise<KnownDeployments> {
  const { environment, targets, services, callName } = asked;
  const commits = new Map<string, readonly string[]>();
  const undecided = new Map<string, string>();
  let anything = false;
  for (const name of targets) {
    const target = recordedTarget(callName, name);
    const read = await readDeployed(github, { environment, services, target });
    anything ||= read.recorded;
    for (const [service, { version }] of read.deployed)
      commits.set(service, [...(commits.get(service) ?? []), version.commit]);
    for (const [service, commit] of read.undecided) undecided.set(service, commit);
  }
  return { environment, places: targets.length, commits, undecided, recorded: anything };
}

/**
 * Tells what is deployed to the plan's environment, which is read once; undefined when there is no
 * environment or nothing is known, which is then said.
 */
export function deployedReader(
  run: Run,
  given: { event: ReleaseEvent; inputs: Inputs; services: readonly Service[] },
): (place: DeployedPlace) => Promise<KnownDeployments | undefined> {
  const { event, inputs } = given;
  const services = given.services.map(({ name }) => name);
  let read: Promise<KnownDeployments | undefined> | undefined;
  const ask = async (place: DeployedPlace): Promise<KnownDeployments | undefined> => {
    const { environment, targets } = place;
    const answer = await askGitHub(run, inputs.token, (github) =>
      readPlace(github, { environment, targets, services, callName: inputs.name }),
    );
    if (answer.known) return answer.value;
    const instead =
      event.kind === 'push' ? ' Services are compared with what the branch pointed to before.' : '';
    run.log.notice(
      `What is deployed to ${environment} is not known: ${answer.why}.${instead}\nNext: ${answer.next}`,
      { title: 'release-context' },
    );
    return undefined;
  };
  return async (place) => {
    if (place.environment === '' || event.kind === 'pull-request') return undefined;
    read ??= ask(place);
    return read;
  };
}
