import { deploymentStages, dueBefore, type Target } from '@slipway/fleet';
import { deployments, maxMatrixJobs, type Service } from '@slipway/release';
import { InputError } from '@slipway/runtime';
import type { FleetEntry, FleetPlan } from './fleet-plan.ts';
import { inPlace } from './target-place.ts';

/** What only a build needs; a deployment comes without it, for the outputs of a job are limited. */
const ofBuilds = [
  'label',
  'path',
  'working-directory',
  'package',
  'go-version-file',
  'go-work',
  'tags',
  'targets',
  'cgo',
  'ldflags',
  'order',
  'go',
  'build',
] as const;

/**
 * One deployment of one stage; all of it texts. In JSON it begins with the service, the stage and
 * `depends-on`, which go-release.yml reads by lines.
 */
export interface StageEntry extends Omit<FleetEntry, (typeof ofBuilds)[number]> {
  /** From 1. */
  stage: string;
  /** Planned services that are deployed before this one, one per line. */
  'depends-on': string;
  /** Empty for the only one of an environment without waves. */
  target: string;
  /** What the login hook logs in to; empty where the environment says none. */
  cluster: string;
  /** One per line, in place of a cluster. */
  hosts: string;
}

/** A service that is planned and not deployed, and why. */
export interface HeldService {
  service: string;
  why: string;
}

/** What is deployed in order. */
export interface StagePlan {
  stages: readonly (readonly StageEntry[])[];
  held: readonly HeldService[];
}

/** What stages are planned from, besides the plan itself. */
export interface StageFacts {
  root: string;
  /** Of the call, which goes before that of the target. */
  namespace: string | undefined;
  services: readonly Service[];
  /** Services that are not let in, and why. */
  held: ReadonlyMap<string, string>;
}

const onlyTarget: Target = {
  name: '',
  cluster: undefined,
  hosts: undefined,
  namespace: undefined,
  valueFiles: [],
};

/** How a target is named to people. */
const shownTarget = ({ name, cluster }: Target): string => name || (cluster ?? 'the environment');

/**
 * What a plan deploys, stage by stage: wave after wave, and in each wave services behind those that they
 * depend on. Who waits for a service that is held waits with it. Throws an InputError for two targets that
 * are one place, and for a stage of more jobs than a matrix holds.
 */
export async function planStages(plan: FleetPlan, facts: StageFacts): Promise<StagePlan> {
  const deployed = new Map(deployments(plan.matrix).map((entry) => [entry.service, entry]));
  const before = dueBefore(plan.ordered, [...deployed.keys()]);
  const held = withDependants(before, facts.held);
  const due = [...deployed.keys()].filter((name) => !held.has(name));
  const waves = plan.waves.length > 0 ? plan.waves : [[onlyTarget]];
  const stages = deploymentStages(waves, plan.ordered, due);
  const planned = await Promise.all(
    stages.map(async ({ targets, services }, index) => {
      const jobs = services.flatMap((name) => targets.map((target) => ({ name, target })));
      const said = plan.sentTo?.said;
      checkJobs(jobs.length, { targets: targets.length, services: services.length, said });
      return await Promise.all(
        jobs.map(({ name, target }) => {
          const entry = deployed.get(name) as FleetEntry;
          return stageEntry(entry, {
            plan,
            facts,
            target,
            stage: index + 1,
            before: before.get(name) ?? [],
          });
        }),
      );
    }),
  );
  checkPlaces(planned.flat(), waves.flat(), plan.sentTo?.said);
  return { stages: planned, held: [...held].map(([service, why]) => ({ service, why })) };
}

/** Those that are held, and those that depend on them, also through others. */
function withDependants(
  before: ReadonlyMap<string, readonly string[]>,
  held: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const all = new Map([...held].filter(([name]) => before.has(name)));
  for (let size = -1; size !== all.size;) {
    size = all.size;
    for (const [name, needs] of before) {
      const waitsFor = all.has(name) ? undefined : needs.find((other) => all.has(other));
      if (waitsFor !== undefined) all.set(name, `it depends on ${waitsFor}, which is held back`);
    }
  }
  return all;
}

async function stageEntry(
  entry: FleetEntry,
  given: {
    plan: FleetPlan;
    facts: StageFacts;
    target: Target;
    stage: number;
    before: readonly string[];
  },
): Promise<StageEntry> {
  const { plan, facts, target, stage, before } = given;
  const service = facts.services.find(({ name }) => name === entry.service);
  // Without waves of slipway.yml the call said where it goes, and the entry says it already.
  const placed =
    plan.waves.length === 0
      ? entry
      : await inPlace(entry, {
          root: facts.root,
          namespace: facts.namespace,
          usualValueFiles: service?.valueFiles[plan.environment] ?? '',
          environment: plan.environment,
          place: target,
        });
  const first = {
    service: entry.service,
    stage: String(stage),
    'depends-on': before.join('\n'),
    target: target.name,
    cluster: target.cluster ?? '',
    hosts: (target.hosts ?? []).join('\n'),
  };
  // A namespace that slipway.yml says of the service itself holds in every target.
  const { namespace = placed.namespace } = JSON.parse(entry.helm) as { namespace?: string };
  return Object.assign(first, withoutBuild(placed), { namespace });
}

function withoutBuild(entry: FleetEntry): Omit<FleetEntry, (typeof ofBuilds)[number]> {
  const left = Object.assign({}, entry) as Partial<FleetEntry>;
  for (const key of ofBuilds) Reflect.deleteProperty(left, key);
  return left as Omit<FleetEntry, (typeof ofBuilds)[number]>;
}

function checkJobs(
  jobs: number,
  stage: { targets: number; services: number; said: string | undefined },
): void {
  if (jobs > maxMatrixJobs)
    throw new InputError(
      `${stage.said === undefined ? '' : `${stage.said}.`}waves: ${stage.services} services to ${stage.targets} targets at once are ${jobs} deployments, more than the ${maxMatrixJobs} jobs that one matrix holds.`,
      { next: 'Give some of the targets a wave of their own.' },
    );
}

/** Two targets that are one place would overwrite each other, and the second would seem verified. */
function checkPlaces(
  entries: readonly StageEntry[],
  targets: readonly Target[],
  said: string | undefined,
): void {
  const taken = new Map<string, StageEntry>();
  for (const entry of entries) {
    const { cluster, hosts, namespace, release } = entry;
    const place = JSON.stringify([cluster, hosts, namespace, release]);
    const other = taken.get(place);
    if (other !== undefined) {
      const [one, two] = [other, entry].map((each) => {
        const target = targets.find(({ name }) => name === each.target);
        return target === undefined ? each.target : shownTarget(target);
      });
      throw new InputError(
        `${said === undefined ? `waves of ${entry.environment}` : `${said}.waves`}: the targets ${one} and ${two} are one place for ${entry.service}: ${cluster === '' ? 'no cluster of their own' : `cluster ${cluster}`}, namespace ${namespace}.`,
        { next: 'Give each a cluster of its own, or a namespace with {target}.' },
      );
    }
    taken.set(place, entry);
  }
}
