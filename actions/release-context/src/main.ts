import { promises as fs } from 'node:fs';
import { systemExec, type Exec } from '@slipway/exec';
import { readHead } from '@slipway/go';
import {
  deployments,
  discoverServices,
  findAffected,
  planRelease,
  readEvent,
  releaseContext,
  splitByTarget,
  type ReleaseEvent,
  type ReleasePlan,
} from '@slipway/release';
import { renderStepSummary } from '@slipway/report';
import { errorMessage, InputError, type Run } from '@slipway/runtime';
import { parseInputs, type Inputs } from './inputs.ts';
import { planNothing } from './no-release.ts';

/** Reads the event, plans the release and hands the plan to later jobs. */
export async function main(run: Run): Promise<void> {
  try {
    const inputs = parseInputs(run.inputs, run.runner);
    const payload = await readPayload(run.runner.eventPath);
    const event = readEvent({ ...run.runner, payload });
    const exec = systemExec({ log: run.log, env: run.env });
    if (event.kind === 'none') await planNothing(run, exec, event);
    else await run.summary.append(summaryOf(await makePlan(run, { inputs, event, exec })));
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

async function makePlan(
  run: Run,
  { inputs, event, exec }: { inputs: Inputs; event: ReleaseEvent; exec: Exec },
): Promise<ReleasePlan> {
  const { runner, log } = run;
  const root = runner.workspace;
  const services = await discoverServices(root, {
    globs: inputs.services,
    targets: inputs.targets,
    cgo: inputs.cgo,
  });
  const head = await readHead(exec, root);
  const commit = {
    sha: head?.sha ?? runner.sha,
    commitTimeMs: head?.commitTimeMs ?? run.clock.now(),
  };
  if (!/^[0-9a-f]{40,64}$/.test(commit.sha))
    throw new InputError('No commit is known: the workspace is no git checkout.', {
      next: 'Run actions/checkout (with fetch-depth: 0) before this step.',
    });
  const plan = await planRelease(event, {
    services,
    environments: inputs.environments,
    tagFormats: inputs.tagFormats,
    registry: inputs.registry,
    namespace: inputs.namespace,
    ...commit,
    affected: async () =>
      inputs.affectedOnly
        ? await findAffected(
            { exec, log },
            { root, services, event, baseRef: inputs.baseRef, sharedPaths: inputs.sharedPaths },
          )
        : {
            names: services.map(({ name }) => name),
            packages: ['./...'],
            why: 'affected-only is off',
          },
  });
  run.outputs.set('kind', plan.kind);
  run.outputs.set('version', plan.version);
  run.outputs.set('environment', plan.environment);
  run.outputs.set('services', JSON.stringify(plan.services));
  const jobs = inputs.matrixBy === 'target' ? splitByTarget(plan.matrix) : plan.matrix;
  run.outputs.set('matrix', JSON.stringify({ include: jobs }));
  run.outputs.set('deployments', JSON.stringify({ include: deployments(plan.matrix) }));
  run.outputs.set('packages', plan.packages.join('\n'));
  run.outputs.set('context', JSON.stringify(releaseContext(plan, runner, commit)));
  log.info(
    `${plan.kind} ${plan.version} to ${plan.environment || 'no environment'}: ${plan.services.join(', ') || 'nothing to do'} (${plan.why})`,
  );
  return plan;
}

function summaryOf(plan: ReleasePlan): string {
  return renderStepSummary({
    title: `release-context: ${plan.kind} ${plan.version}`,
    outcome: 'ok',
    facts: [
      ['version', plan.version],
      ['environment', plan.environment || 'none'],
      ['services', plan.services.join(', ') || 'none'],
      ['chosen because', plan.why],
    ],
  });
}

async function readPayload(eventPath: string | undefined): Promise<unknown> {
  if (eventPath === undefined || eventPath === '') return {};
  try {
    return JSON.parse(await fs.readFile(eventPath, 'utf8')) as unknown;
  } catch (error) {
    throw new InputError(`The event payload ${eventPath} could not be read.`, { cause: error });
  }
}
