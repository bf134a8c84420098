import type { HealthStatement, VerifyResult } from '@slipway/health';
import { ActionError, formatDuration, type Run } from '@slipway/runtime';
import { handOutCertificate, writeCertificate } from './certificate-files.ts';
import { openCluster, type Cluster } from './cluster.ts';
import { verifyEarlier } from './earlier-release.ts';
import { findingsOutput } from './findings-output.ts';
import { parseInputs, type Inputs } from './inputs.ts';
import { publicNames } from './public-names.ts';
import { findRollbackMeans, type RollbackMeans } from './rollback-means.ts';
import { isRolledBack, rollbackText, type RollbackOutcome } from './rollback-outcome.ts';
import { chartOf, errorSummary, nextStep, verdictSummary } from './summary.ts';
import { rollBack } from './unhealthy-release.ts';
import { verifyWorkload } from './verification.ts';

/** A verdict that fails the step; its summary has been written already. */
class VerdictError extends ActionError {}

/** Verifies, and writes the certificate: of the verdict, or of what was seen when the job is cancelled. */
async function verify(run: Run, cluster: Cluster, inputs: Inputs): Promise<VerifyResult> {
  let seen: HealthStatement | undefined;
  try {
    const onCutOff = (certificate: HealthStatement): void => void (seen = certificate);
    const result = await verifyWorkload(run, cluster, inputs, { onCutOff });
    const chart = result.series === undefined ? undefined : chartOf(result.series);
    await handOutCertificate(run, result.certificate, chart);
    return result;
  } catch (error) {
    if (seen !== undefined) await handOutCertificate(run, seen);
    throw error;
  }
}

async function undo(
  run: Run,
  at: { cluster: Cluster; inputs: Inputs; means: RollbackMeans | undefined },
  judged: VerifyResult,
): Promise<RollbackOutcome> {
  const { cluster, inputs, means } = at;
  if (judged.verdict !== 'unhealthy' || means === undefined) return { kind: 'not-asked' };
  const deadlineMs = run.clock.now() + inputs.rollbackTimeoutMs;
  try {
    const result = await rollBack(run, { cluster, inputs, means }, judged);
    const leftMs = deadlineMs - run.clock.now();
    return { kind: 'done', result, earlier: await verifyEarlier(run, cluster, inputs, leftMs) };
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
      await run.summary.append(errorSummary(title, error, (text) => run.redact(text, [])));
    throw error;
  }
}

async function setRollbackOutputs(
  { outputs, ...run }: Run,
  result: VerifyResult,
  rollback: RollbackOutcome,
): Promise<void> {
  const back = isRolledBack(rollback);
  outputs.set('rollback-needed', String(result.verdict === 'unhealthy' && !back));
  outputs.set('rolled-back', String(back));
  const done = rollback.kind === 'done' ? rollback : undefined;
  const earlier = done?.earlier.kind === 'verified' ? done.earlier.result : undefined;
  outputs.set('rollback-revision', String(done?.result.toRevision ?? ''));
  outputs.set('rollback-verdict', earlier?.verdict ?? '');
  if (earlier === undefined) return;
  const files = await writeCertificate({ outputs, ...run }, earlier.certificate);
  outputs.set('rollback-certificate', files.certificate);
}

async function conclude(run: Run, cluster: Cluster, inputs: Inputs, title: string): Promise<void> {
  const means = await findRollbackMeans(run, cluster, inputs);
  const result = await verify(run, cluster, inputs);
  const { verdict, cause } = result;
  run.log.info(`Verdict after ${formatDuration(result.elapsedMs)}: ${verdict}. ${cause}`);
  run.outputs.set('verdict', verdict);
  run.outputs.set('cause', cause.replace(/\s+/g, ' '));
  run.outputs.set('findings', findingsOutput(result.findings));
  run.outputs.set('rollback-needed', String(verdict === 'unhealthy'));
  run.outputs.set('rolled-back', 'false');
  const rollback = await undo(run, { cluster, inputs, means }, result);
  await setRollbackOutputs(run, result, rollback);
  const names = publicNames(inputs, cluster);
  const redact = (text: string): string => run.redact(text, names);
  await run.summary.append(verdictSummary(title, { result, rollback, inputs, redact }));
  if (verdict === 'healthy' || inputs.onUnhealthy === 'report') return;
  const told = rollbackText(rollback);
  const next = nextStep(result, rollback);
  throw new VerdictError(`${verdict}: ${cause}${told === '' ? '' : ` (${told})`}`, {
    title: `${inputs.workload.name} is ${verdict === 'unhealthy' ? 'unhealthy' : 'not proven healthy'}`,
    ...(next === undefined ? {} : { next }),
  });
}
