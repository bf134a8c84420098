import type { ModuleTests } from '@slipway/go';
import { InputError, quoted } from '@slipway/runtime';
import { chooseEnvironment, type EnvironmentKey } from './environment.ts';
import { askedServices, type ReleaseEvent, type ReleaseKind } from './event/index.ts';
import { maxMatrixJobs, releaseMatrix, type MatrixEntry } from './matrix.ts';
import type { Service } from './service/index.ts';
import { pseudoVersion, readTag, type ReleaseTag } from './release-version.ts';
import { outrankedServices } from './same-commit-tags.ts';

/** Which services a change concerns; `why` says how that was found. */
export interface AffectedServices {
  names: readonly string[];
  /** For each of them of which that is known, the first file that says so. */
  because: ReadonlyMap<string, string>;
  /** What the change can break, module by module. */
  tests: readonly ModuleTests[];
  why: string;
  /** The one commit that all was compared with; undefined when there are several, or none is known. */
  since?: string;
}

/** What a plan is made of besides the event. */
export interface PlanFacts {
  services: readonly Service[];
  environments: Readonly<Record<EnvironmentKey, string>>;
  /** How release tags are written; the defaults when absent. */
  tagFormats?: readonly string[];
  /** Image repository prefix such as `ghcr.io/acme`; empty for no images. */
  registry: string;
  /** Namespace with `{environment}` and `{service}` in it. */
  namespace: string;
  /** The commit that is built. */
  sha: string;
  commitTimeMs: number;
  /** Asked only for pull requests and pushes, with where they go; a tag or a dispatch releases what it names. */
  affected: (environment: string) => Promise<AffectedServices>;
  /**
   * Asked only for tags, with the version: the tags on the same commit whose releases go where this one goes.
   * None by default.
   */
  tagsBeside?: (version: string) => Promise<readonly string[]>;
  /** The tests of what some services are made of; of everything without names. */
  testsOf: (names?: readonly string[]) => readonly ModuleTests[];
}

/** What a run is to do. */
export interface ReleasePlan {
  kind: ReleaseKind;
  version: string;
  environment: string;
  services: readonly string[];
  matrix: readonly MatrixEntry[];
  /** For each service that a change concerns, the first file that says so. */
  because: ReadonlyMap<string, string>;
  /** What there is to vet and test, module by module. */
  tests: readonly ModuleTests[];
  why: string;
  /** The one commit that all was compared with; undefined when there are several, or none is known. */
  since?: string;
  /** Services that a tag of a higher version on the same commit releases instead, and that tag. */
  leftTo: ReadonlyMap<string, string>;
}

/** Turns one event into one plan. Throws an InputError for a tag or a dispatch that names what is not there. */
export async function planRelease(event: ReleaseEvent, facts: PlanFacts): Promise<ReleasePlan> {
  const tag = tagOf(event);
  const release = tag === undefined ? undefined : readTag(tag, facts.services, facts.tagFormats);
  const prerelease =
    release?.prerelease === true || (event.kind === 'tag' && event.markedPrerelease === true);
  const environment = chooseEnvironment(event, prerelease, facts.environments);
  const tags =
    event.kind === 'tag' && release !== undefined
      ? ((await facts.tagsBeside?.(release.version)) ?? [])
      : [];
  const leftTo =
    release === undefined
      ? new Map<string, string>()
      : outrankedServices({ release, prerelease }, tags, facts);
  const chosen = await chooseServices(event, { release, environment, leftTo }, facts);
  const { names, because, tests, why, since } = chosen;
  checkCount(names);
  const version = release?.version ?? pseudoVersionOf(event, facts);
  return {
    kind: event.kind,
    version,
    environment,
    services: names,
    matrix: releaseMatrix(
      facts.services.filter(({ name }) => names.includes(name)),
      {
        version,
        environment,
        // Code under review gets no registry.
        registry: event.kind === 'pull-request' ? '' : facts.registry,
        namespace: facts.namespace,
      },
    ),
    because,
    tests,
    why,
    ...(since === undefined ? {} : { since }),
    leftTo,
  };
}

function checkCount(names: readonly string[]): void {
  if (names.length > maxMatrixJobs)
    throw new InputError(
      `${names.length} services are to be planned, more than the ${maxMatrixJobs} jobs that one matrix holds.`,
      {
        next: 'Plan them in parts: call the workflow once for each part of "services", or tag services one by one.',
      },
    );
}

function tagOf(event: ReleaseEvent): string | undefined {
  if (event.kind === 'tag') return event.tag;
  return event.kind === 'dispatch' && 'tag' in event.from ? event.from.tag : undefined;
}

async function chooseServices(
  event: ReleaseEvent,
  asked: {
    release: ReleaseTag | undefined;
    environment: string;
    leftTo: ReadonlyMap<string, string>;
  },
  facts: PlanFacts,
): Promise<AffectedServices> {
  const { release, environment, leftTo } = asked;
  const all = facts.services.map(({ name }) => name);
  if (event.kind === 'pull-request' || event.kind === 'push') {
    const affected = await facts.affected(environment);
    const { names, because, tests, why, since } = affected;
    const found = all.filter((name) => names.includes(name));
    return { names: found, because, tests, why, ...(since === undefined ? {} : { since }) };
  }
  const because = new Map<string, string>();
  const wanted = event.kind === 'dispatch' ? askedServices(event.inputs) : undefined;
  if (wanted !== undefined) {
    const named = servicesNamed(wanted, facts.services, release);
    return { names: named, because, tests: facts.testsOf(named), why: 'asked for by name' };
  }
  if (release !== undefined && event.kind === 'tag') return ofTag(release, { all, leftTo }, facts);
  if (release?.service !== undefined)
    return {
      names: [release.service],
      because,
      tests: facts.testsOf([release.service]),
      why: 'named by the tag',
    };
  return { names: all, because, tests: facts.testsOf(), why: 'every service' };
}

/** What a tag releases, without what a higher one on the same commit does. */
function ofTag(
  { service }: ReleaseTag,
  { all, leftTo }: { all: readonly string[]; leftTo: ReadonlyMap<string, string> },
  facts: PlanFacts,
): AffectedServices {
  const wanted = service === undefined ? all : [service];
  const names = wanted.filter((name) => !leftTo.has(name));
  const by = service === undefined ? 'the tag releases every service' : 'named by the tag';
  const left = [...new Set(wanted.flatMap((name) => leftTo.get(name) ?? []))];
  const why =
    left.length === 0
      ? by
      : `${by}, without what ${left.join(', ')} on the same commit releases in a higher version`;
  const tests = names.length === wanted.length && service === undefined ? undefined : names;
  return {
    names,
    because: new Map(),
    tests: names.length === 0 ? [] : facts.testsOf(tests),
    why,
  };
}

/** The services that a dispatch names, by name or path. A tag of one service has no version for another. */
function servicesNamed(
  wanted: readonly string[],
  services: readonly Service[],
  release: ReleaseTag | undefined,
): readonly string[] {
  const named = services.filter(({ name, path }) => wanted.includes(name) || wanted.includes(path));
  const unknown = wanted.filter(
    (one) => !named.some(({ name, path }) => [name, path].includes(one)),
  );
  if (unknown.length > 0)
    throw new InputError(
      `dispatch input services: ${unknown.map(quoted).join(', ')} is unknown; valid: ${services.map(({ name }) => name).join(', ')}.`,
      { next: 'Name services of this repository, or leave it empty to release every one.' },
    );
  const only = release?.service;
  const other = only === undefined ? undefined : named.find(({ name }) => name !== only);
  if (other !== undefined)
    throw new InputError(
      `dispatch input services: ${other.name} is asked for, but the tag is a version of ${only}.`,
      { next: `Run it from a tag of ${other.name}, from one of every service, or from a branch.` },
    );
  return named.map(({ name }) => name);
}

function pseudoVersionOf(event: ReleaseEvent, facts: PlanFacts): string {
  const { sha, commitTimeMs } = facts;
  switch (event.kind) {
    case 'pull-request':
      return pseudoVersion({
        channel: `pr-${event.number}`,
        sha: event.headSha ?? sha,
        commitTimeMs,
      });
    case 'push':
      return pseudoVersion({ channel: event.branch, sha, commitTimeMs });
    default:
      return pseudoVersion({
        channel: event.kind === 'dispatch' && 'branch' in event.from ? event.from.branch : '',
        sha,
        commitTimeMs,
      });
  }
}
