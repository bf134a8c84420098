import { promises as fs } from 'node:fs';
import { systemExec } from '@slipway/exec';
import { readEvent } from '@slipway/release';
import { renderStepSummary } from '@slipway/report';
import { errorMessage, InputError, type Run } from '@slipway/runtime';
import { parseInputs } from './inputs.ts';
import { makePlan } from './made-plan.ts';
import { planNothing } from './no-release.ts';
import { withinPlanLimit } from './plan-limit.ts';
import { planSummary } from './summary.ts';

/** Reads the event, plans the release and hands the plan to later jobs. */
export async function main(run: Run): Promise<void> {
  try {
    const inputs = parseInputs(run.inputs, run.runner);
    const payload = await readPayload(run.runner.eventPath);
    const event = readEvent({ ...run.runner, payload });
    const exec = systemExec({ log: run.log, env: run.env });
    if (event.kind === 'none') await planNothing(run, exec, event);
    else {
      const { plan, ...told } = await withinPlanLimit(run, exec, (limited, limitedExec) =>
        makePlan(limited, { inputs, event, exec: limitedExec }),
      );
      await run.summary.append(planSummary(plan, told));
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

async function readPayload(eventPath: string | undefined): Promise<unknown> {
  if (eventPath === undefined || eventPath === '') return {};
  try {
    return JSON.parse(await fs.readFile(eventPath, 'utf8')) as unknown;
  } catch (error) {
    throw new InputError(`The event payload ${eventPath} could not be read.`, { cause: error });
  }
}
