import type { VerifyResult } from '@slipway/health';
import { ActionError, formatDuration, type Run } from '@slipway/runtime';
import { openCluster, type Cluster } from './cluster.ts';
import { parseInputs, type Inputs } from './inputs.ts';
import { rollBack } from './unhealthy-release.ts';
import {
  errorSummary,
  nextStep,
  rollbackText,
  verdictSummary,
  type RollbackOutcome,
} from './summary.ts';
import { verifyWorkload } from './verification.ts';

/** A verdict that fails the step; its summary has been written already. */
class VerdictError extends ActionError {}

async function undo(
  run: Run,
  cluster: Cluster,
  inputs: Inputs,
  result: VerifyResult,
): Promise<RollbackOutcome> {
  if (result.verdict !== 'unhealthy' || inputs.onUnhealthy !== 'rollback')
    return { kind: 'not-asked' };
  try {
    return { kind: 'done', result: await rollBack(run, cluster, inputs, result) };
  } catch (error) {
    run.signal.throwIfAborted();
    return { kind: 'failed', error };
  }
}

/** Verifies one workload, sets the outputs, rolls back when told to, and fails on all but healthy. */
export async function main(run: Run): Promise<void> {
  let title = 'verify-health';
  try {
    const inputs = parseInputs(run.inputs, run.runner);
    const { kind, name } = inputs.workload;
    const auth = inputs.prometheusAuth;
    if (auth.kind !== 'none') run.maskSecret(auth.kind === 'basic' ? auth.password : auth.token);
    const cluster = await openCluster(run, inputs);
    title = `verify-health: ${kind}/${name} in ${inputs.workload.namespace || cluster.target.namespace}`;
    try {
      await conclude(run, cluster, inputs, title);
    } finally {
      await cluster.client.close();
    }
  } catch (error) {
    if (!run.signal.aborted && !(error instanceof VerdictError))
      await run.summary.append(errorSummary(title, error));
    throw error;
  }
}

async function conclude(run: Run, cluster: Cluster, inputs: Inputs, title: string): Promise<void> {
  const result = await verifyWorkload(run, cluster, inputs);
  const { verdict, cause } = result;
  run.log.info(`Verdict after ${formatDuration(result.elapsedMs)}: ${verdict}. ${cause}`);
  run.outputs.set('verdict', verdict);
  run.outputs.set('cause', cause.replace(/\s+/g, ' '));
  run.outputs.set('rollback-needed', String(verdict === 'unhealthy'));
  run.outputs.set('rolled-back', 'false');
  const rollback = await undo(run, cluster, inputs, result);
  const proven = rollback.kind === 'done' && rollback.result.proven;
  run.outputs.set('rollback-needed', String(verdict === 'unhealthy' && !proven));
  run.outputs.set('rolled-back', String(proven));
  await run.summary.append(verdictSummary(title, result, rollback));
  if (verdict === 'healthy' || inputs.onUnhealthy === 'report') return;
  const told = rollbackText(rollback);
  const next = nextStep(result, rollback);
  throw new VerdictError(`${verdict}: ${cause}${told === '' ? '' : ` (${told})`}`, {
    title: `${inputs.workload.name} is ${verdict === 'unhealthy' ? 'unhealthy' : 'not proven healthy'}`,
    ...(next === undefined ? {} : { next }),
  });
}
