import { adviceFor, type UpgradeResult } from '@slipway/helm';
import { KubeError } from '@slipway/kube';
import { ActionError, type Run } from '@slipway/runtime';
import { parseInputs } from './inputs.ts';
import { setErrorOutputs, setResultOutputs } from './result-outputs.ts';
import { failureSummary, resultSummary } from './summary.ts';
import { upgrade } from './prepared-upgrade.ts';

/** Upgrades one release, sets the outputs, and fails the step with the cause when it had to go back. */
export async function main(run: Run): Promise<void> {
  let result: UpgradeResult;
  let title = 'helm-atomic-upgrade';
  let commit: string;
  try {
    const inputs = parseInputs(run.inputs, run.runner);
    title = `helm-atomic-upgrade: ${inputs.release}${inputs.namespace === '' ? '' : ` in ${inputs.namespace}`}`;
    commit = inputs.source?.commit ?? '';
    result = await upgrade(run, inputs);
  } catch (thrown) {
    const error = advised(thrown);
    if (!run.signal.aborted) {
      setErrorOutputs(run.outputs, error, thrown);
      await run.summary.append(failureSummary(title, error));
    }
    throw error;
  }
  setResultOutputs(run.outputs, result);
  const summary = resultSummary(title, result, commit);
  await run.summary.append(summary.markdown);
  if (summary.failure !== undefined)
    throw new ActionError(summary.failure, { title: summary.title, next: summary.next });
  run.log.info(summary.told);
}

/** What the API server refused, with what to do about it. */
function advised(error: unknown): unknown {
  const next = error instanceof KubeError ? adviceFor(error.message) : undefined;
  return next === undefined ? error : new ActionError((error as KubeError).message, { next });
}
