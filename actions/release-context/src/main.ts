import { promises as fs } from 'node:fs';
import { systemExec, type Exec } from '@slipway/exec';
import { readHead } from '@slipway/go';
import {
  discoverServices,
  dueServices,
  everyTest,
  findAffected,
  planRelease,
  readEvent,
  readRootFleet,
  releaseContext,
  testsOfServices,
  type AffectedServices,
  type Discovery,
  type KnownDeployments,
  type ReleaseEvent,
} from '@slipway/release';
import { renderStepSummary } from '@slipway/report';
import { errorMessage, InputError, type Log, type Run } from '@slipway/runtime';
import { deployedReader, placeOf } from './deployed.ts';
import { asksFile, fleetEnvironment } from './fleet-environment.ts';
import { planFleet, type FleetPlan } from './fleet-plan.ts';
import { fleetSelection, saidOfNobody } from './fleet-selection.ts';
import { heldByRequires } from './required.ts';
import { parseInputs, type Inputs } from './inputs.ts';
import { planNothing } from './no-release.ts';
import { setPlanOutputs } from './plan-outputs.ts';
import { serviceChanges, type ServiceChange } from './service-changes.ts';
import { checkStages } from './stage-output.ts';
import { planStages, type StagePlan } from './stage-plan.ts';
import { notDeployed, planSummary } from './summary.ts';
import { planTests, type TestPlan } from './tested.ts';

/** Reads the event, plans the release and hands the plan to later jobs. */
export async function main(run: Run): Promise<void> {
  try {
    const inputs = parseInputs(run.inputs, run.runner);
    const payload = await readPayload(run.runner.eventPath);
    const event = readEvent({ ...run.runner, payload });
    const exec = systemExec({ log: run.log, env: run.env });
    if (event.kind === 'none') await planNothing(run, exec, event);
    else {
      const { plan, stagePlan, tests, changes } = await makePlan(run, { inputs, event, exec });
      await run.summary.append(planSummary(plan, { stagePlan, changes, tests }));
    }
  } catch (error) {
    await run.summary.append(
      renderStepSummary({
        title: 'release-context',
        outcome: 'failed',
        facts: [['event', run.runner.eventName]],
        cause: errorMessage(error),
        ...(error instanceof InputError && error.next !== undefined ? { next: error.next } : {}),
      }),
    );
    throw error;
  }
}

interface MadePlan {
  plan: FleetPlan;
  stagePlan: StagePlan;
  tests: TestPlan;
  changes: readonly ServiceChange[];
}

async function makePlan(
  run: Run,
  { inputs, event, exec }: { inputs: Inputs; event: ReleaseEvent; exec: Exec },
): Promise<MadePlan> {
  const { runner, log } = run;
  const root = runner.workspace;
  const fleet = await readRootFleet(root);
  const discovery = await discoverServices(exec, root, fleetSelection(fleet, inputs.call));
  for (const each of saidOfNobody(fleet, inputs.call, discovery.services)) log.warning(each);
  const commit = await readCommit(run, exec);
  const { services, repository } = discovery;
  const sharedPaths = inputs.sharedPaths.length > 0 ? inputs.sharedPaths : fleet?.sharedPaths;
  const registry = inputs.registry || (fleet?.registry ?? '');
  const nowMs = run.clock.now();
  const deployed = deployedReader(run, { event, inputs, services });
  const planned = await planRelease(event, {
    services,
    environments: inputs.environments,
    tagFormats: inputs.tagFormats,
    registry,
    namespace: inputs.call.namespace ?? '{environment}',
    ...commit,
    affected: async (environment) => {
      const known = await deployed(
        asksFile(fleet, inputs.call)
          ? placeOf(fleetEnvironment(fleet, event, { version: '', nowMs })?.environment)
          : { environment, targets: [''] },
      );
      const given = { discovery, event, inputs, registry, sharedPaths: sharedPaths ?? [], known };
      return await findDue({ exec, log }, given);
    },
    testsOf: (names) =>
      names === undefined ? everyTest(repository) : testsOfServices(repository, services, names),
  });
  const plan = await planFleet(planned, event, {
    root,
    fleet,
    call: inputs.call,
    services,
    nowMs,
  });
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
  const stagePlan = await planStages(plan, {
    root,
    namespace: inputs.call.namespace,
    services,
    held: await heldByRequires(run, exec, {
      plan,
      fleet,
      inputs,
      discovery,
      sharedPaths: sharedPaths ?? [],
      sha: commit.sha,
    }),
  });
  checkStages(stagePlan.stages, inputs.maxStages);
  tellPlan(run, { plan, tests, stagePlan, discovery, inputs }, commit);
  const known = await deployed(
    plan.waves.length > 0
      ? placeOf(plan.sentTo?.environment)
      : { environment: plan.environment, targets: [''] },
  );
  const changes =
    known === undefined
      ? []
      : await serviceChanges(exec, { plan, discovery, deployments: known, sha: commit.sha });
  return { plan, stagePlan, tests, changes };
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
  for (const [name, why] of notDeployed(plan))
    run.log.notice(`${name} is built and not deployed to ${plan.environment}: ${why}.`);
  run.outputs.set('context', JSON.stringify(releaseContext(plan, run.runner, commit)));
  run.log.info(
    `${plan.kind} ${plan.version} to ${plan.environment || 'no environment'}: ${plan.services.join(', ') || 'nothing to do'} (${plan.why})`,
  );
}

async function findDue(
  ports: { exec: Exec; log: Log },
  given: {
    discovery: Discovery;
    event: ReleaseEvent;
    inputs: Inputs;
    registry: string;
    sharedPaths: readonly string[];
    known: KnownDeployments | undefined;
  },
): Promise<AffectedServices> {
  const { discovery, event, inputs, registry, sharedPaths, known } = given;
  const { services, repository } = discovery;
  const { affectedOnly, baseRef } = inputs;
  if (affectedOnly) {
    const asked = { repository, services, event, baseRef, sharedPaths };
    // The user's own base goes before what is recorded.
    if (known === undefined || baseRef !== '') return await findAffected(ports, asked);
    const deployable = services.filter(({ chart, image }) => chart !== '' && image);
    const names = registry === '' ? [] : deployable.map(({ name }) => name);
    const due = dueServices(names, known);
    return await findAffected(ports, { ...asked, bases: known.commits, due });
  }
  return {
    names: services.map(({ name }) => name),
    because: new Map(),
    tests: everyTest(repository),
    why: 'affected-only is off',
  };
}

async function readPayload(eventPath: string | undefined): Promise<unknown> {
  if (eventPath === undefined || eventPath === '') return {};
  try {
    return JSON.parse(await fs.readFile(eventPath, 'utf8')) as unknown;
  } catch (error) {
    throw new InputError(`The event payload ${eventPath} could not be read.`, { cause: error });
  }
}
