import type { Exec } from '@slipway/exec';
import type { Fleet } from '@slipway/fleet';
import { readHead, readTagsAt } from '@slipway/go';
import {
  discoverServices,
  dueServices,
  everyTest,
  findAffected,
  planRelease,
  readRootFleet,
  releaseContext,
  testsOfServices,
  type AffectedServices,
  type Discovery,
  type KnownDeployments,
  type ReleaseEvent,
} from '@slipway/release';
import { InputError, type Run } from '@slipway/runtime';
import {
  deployedReader,
  onlyPlace,
  placeOf,
  type DeployedKnowledge,
  type DeployedPlace,
} from './deployed/deployed-reader.ts';
import { serviceChanges, type ServiceChange } from './deployed/service-changes.ts';
import { asksFile, fleetEnvironment } from './fleet-environment.ts';
import { planFleet, type FleetPlan } from './fleet-plan.ts';
import { fleetSelection, saidOfNobody } from './fleet-selection.ts';
import type { Inputs } from './inputs.ts';
import { setPlanOutputs } from './plan-outputs.ts';
import { heldByRequires } from './required.ts';
import { checkStages } from './stage-output.ts';
import { planStages, type StagePlan } from './stage-plan.ts';
import { notDeployed } from './summary.ts';
import { planTests, type TestPlan } from './tested.ts';

/** A plan, and what its summary tells beside it. */
export interface MadePlan {
  plan: FleetPlan;
  stagePlan: StagePlan;
  tests: TestPlan;
  changes: readonly ServiceChange[];
  known: DeployedKnowledge | undefined;
}

/** What a plan is made of. */
interface Ground {
  inputs: Inputs;
  event: ReleaseEvent;
  exec: Exec;
  fleet: Fleet | undefined;
  discovery: Discovery;
  commit: { sha: string; commitTimeMs: number };
  sharedPaths: readonly string[];
  registry: string;
  nowMs: number;
  deployed: ReturnType<typeof deployedReader>;
}

async function readGround(
  run: Run,
  { inputs, event, exec }: Pick<Ground, 'inputs' | 'event' | 'exec'>,
): Promise<Ground> {
  const root = run.runner.workspace;
  const fleet = await readRootFleet(root);
  const discovery = await discoverServices(exec, root, fleetSelection(fleet, inputs.call));
  for (const each of saidOfNobody(fleet, inputs.call, discovery.services)) run.log.warning(each);
  const { services, repository } = discovery;
  const places = { root, fleet, call: inputs.call, services };
  return {
    inputs,
    event,
    exec,
    fleet,
    discovery,
    commit: await readCommit(run, exec),
    sharedPaths: inputs.sharedPaths.length > 0 ? inputs.sharedPaths : (fleet?.sharedPaths ?? []),
    registry: inputs.registry || (fleet?.registry ?? ''),
    nowMs: run.clock.now(),
    deployed: deployedReader(run, { ...places, exec, event, repository, inputs }),
  };
}

/** Plans by the event, and then by what slipway.yml says. */
async function planByFile(run: Run, ground: Ground): Promise<FleetPlan> {
  const { inputs, event, fleet, discovery, nowMs, registry } = ground;
  const { services, repository } = discovery;
  const planned = await planRelease(event, {
    services,
    environments: inputs.environments,
    tagFormats: inputs.tagFormats,
    registry,
    namespace: inputs.call.namespace ?? '{environment}',
    ...ground.commit,
    affected: async (environment) => {
      const known = await ground.deployed(
        asksFile(fleet, inputs.call)
          ? placeOf(fleetEnvironment(fleet, event, { version: '', nowMs })?.environment)
          : onlyPlace(environment),
      );
      return await findDue(run, ground, known?.deployments);
    },
    tagsBeside: (version) => tagsBeside(run, ground, version),
    testsOf: (names) =>
      names === undefined ? everyTest(repository) : testsOfServices(repository, services, names),
  });
  const facts = { root: run.runner.workspace, fleet, call: inputs.call, services, nowMs };
  return await planFleet(planned, event, facts);
}

/** The tags on the same commit whose releases go where that of `version` goes. */
async function tagsBeside(run: Run, ground: Ground, version: string): Promise<readonly string[]> {
  const { inputs, event, exec, fleet, commit, nowMs } = ground;
  const root = run.runner.workspace;
  const tags = await readTagsAt(exec, { root, commit: commit.sha });
  if (!asksFile(fleet, inputs.call)) return tags;
  const goesTo = (of: ReleaseEvent): string | undefined =>
    fleetEnvironment(fleet, of, { version, nowMs })?.environment.name;
  return tags.filter((tag) => goesTo({ kind: 'tag', tag }) === goesTo(event));
}

/** Makes the plan of an event and hands it to later jobs. */
export async function makePlan(
  run: Run,
  given: Pick<Ground, 'inputs' | 'event' | 'exec'>,
): Promise<MadePlan> {
  const { log } = run;
  const ground = await readGround(run, given);
  const { inputs, exec, fleet, discovery, commit, sharedPaths } = ground;
  const { services } = discovery;
  const plan = await planByFile(run, ground);
  if (plan.sentTo !== undefined && plan.sentTo.frozen !== '') log.warning(`${plan.sentTo.frozen}.`);
  const tests = await planTests(
    { exec, log },
    {
      discovery,
      commit: commit.sha,
      plan,
      usualTags: fleet?.defaults.tags ?? [],
      inputs,
    },
  );
  // Both ask GitHub, who may be slow.
  const [held, known] = await Promise.all([
    heldByRequires(run, exec, { plan, fleet, inputs, discovery, sharedPaths, sha: commit.sha }),
    ground.deployed(placeOfPlan(plan)),
  ]);
  const stagePlan = await planStages(plan, {
    root: run.runner.workspace,
    namespace: inputs.call.namespace,
    services,
    held,
  });
  checkStages(stagePlan.stages, inputs.maxStages);
  tellPlan(run, { plan, tests, stagePlan, discovery, inputs }, commit);
  const changes =
    known === undefined
      ? []
      : await serviceChanges(exec, {
          plan,
          discovery,
          deployments: known.deployments,
          sha: commit.sha,
        });
  return { plan, stagePlan, tests, changes, known };
}

function placeOfPlan({ waves, sentTo, environment }: FleetPlan): DeployedPlace {
  return waves.length > 0 ? placeOf(sentTo?.environment) : onlyPlace(environment);
}

/** The commit that is checked out, else that of the event. */
async function readCommit(
  { runner, clock }: Run,
  exec: Exec,
): Promise<{ sha: string; commitTimeMs: number }> {
  const head = await readHead(exec, runner.workspace);
  const sha = head?.sha ?? runner.sha;
  if (!/^[0-9a-f]{40,64}$/.test(sha))
    throw new InputError('No commit is known: the workspace is no git checkout.', {
      next: 'Run actions/checkout (with fetch-depth: 0) before this step.',
    });
  return { sha, commitTimeMs: head?.commitTimeMs ?? clock.now() };
}

/** Says in the outputs and the log what is planned. */
function tellPlan(
  run: Run,
  given: Parameters<typeof setPlanOutputs>[1],
  commit: Parameters<typeof releaseContext>[2],
): void {
  const { plan } = given;
  setPlanOutputs(run, given);
  for (const [name, tag] of plan.leftTo)
    if (!plan.services.includes(name))
      run.log.notice(
        `${name} is left to the tag ${tag} on the same commit, which has a higher version.`,
        { title: 'release-context' },
      );
  for (const [name, why] of notDeployed(plan))
    run.log.notice(`${name} is built and not deployed to ${plan.environment}: ${why}.`);
  run.outputs.set('context', JSON.stringify(releaseContext(plan, run.runner, commit)));
  run.log.info(
    `${plan.kind} ${plan.version} to ${plan.environment || 'no environment'}: ${plan.services.join(', ') || 'nothing to do'} (${plan.why})`,
  );
}

async function findDue(
  { log }: Run,
  { exec, discovery, event, inputs, registry, sharedPaths }: Ground,
  known: KnownDeployments | undefined,
): Promise<AffectedServices> {
  const { services, repository } = discovery;
  const { affectedOnly, baseRef } = inputs;
  if (affectedOnly) {
    const asked = { repository, services, event, baseRef, sharedPaths };
    // The user's own base goes before what is recorded.
    if (known === undefined || baseRef !== '') return await findAffected({ exec, log }, asked);
    const deployable = services.filter(({ chart, image }) => chart !== '' && image);
    const names = registry === '' ? [] : deployable.map(({ name }) => name);
    const due = dueServices(names, known);
    return await findAffected({ exec, log }, { ...asked, bases: known.commits, due });
  }
  return {
    names: services.map(({ name }) => name),
    because: new Map(),
    tests: everyTest(repository),
    why: 'affected-only is off',
  };
}
