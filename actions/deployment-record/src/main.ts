import { GitHubError, githubRepository } from '@slipway/github';
import { createHttpClient } from '@slipway/http';
import { renderStepSummary } from '@slipway/report';
import { errorMessage, type Run } from '@slipway/runtime';
import { parseInputs, type Inputs } from './inputs.ts';
import { statusWords, writeRecord } from './record.ts';

/** Before a deployment nobody should wait long for a note of it; the step after it tries again. */
const hurry = { attempts: 2, requestMs: 20_000 };

/** Records a deployment on GitHub. What cannot be written is told, and never fails the release. */
export async function main(run: Run): Promise<void> {
  const { runner, env, clock, log, signal, outputs } = run;
  const inputs = await readInputsOrTell(run);
  const http = createHttpClient({ env });
  let deployment = inputs.deployment === undefined ? '' : String(inputs.deployment);
  try {
    if (inputs.token === '') throw withoutToken(inputs);
    const github = githubRepository({
      repository: runner.repository,
      token: inputs.token,
      apiUrl: env['GITHUB_API_URL'] ?? 'https://api.github.com',
      fetch: http.fetch,
      clock,
      log,
      signal,
      ...(inputs.status === 'in-progress' ? { patience: hurry } : {}),
    });
    const runUrl = `${runner.serverUrl}/${runner.repository}/actions/runs/${runner.runId}`;
    await writeRecord(github, { inputs, runUrl }, (id) => {
      deployment = String(id);
    });
    log.info(`Recorded for ${inputs.environment}: ${statusWords(inputs)}.`);
    await tell(run, inputs);
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    await tellUnwritten(run, inputs, error);
  } finally {
    outputs.set('deployment', deployment);
    await http.close();
  }
}

async function readInputsOrTell(run: Run): Promise<Inputs> {
  try {
    return parseInputs(run.inputs, run.runner);
  } catch (error) {
    const title = 'deployment-record';
    const cause = errorMessage(error);
    await run.summary.append(renderStepSummary({ title, outcome: 'failed', facts: [], cause }));
    throw error;
  }
}

/** A local runner has no token, and no GitHub to tell. */
function withoutToken({ version, environment }: Inputs): GitHubError {
  return new GitHubError(
    `The deployment of ${version.service} to ${environment} was not recorded: github-token is empty.`,
    { status: undefined, next: 'Hand over github-token: ${{ github.token }}.' },
  );
}

function facts({ environment, version, status }: Inputs): [string, string][] {
  return [
    ['service', version.service],
    ['version', version.version],
    ['commit', version.commit],
    ['environment', environment],
    ['status', status],
  ];
}

/** One table for each deployment: at its end. */
async function tell(run: Run, inputs: Inputs): Promise<void> {
  if (inputs.status === 'in-progress') return;
  await run.summary.append(
    renderStepSummary({
      title: `deployment-record: ${statusWords(inputs)}`,
      outcome: 'ok',
      facts: facts(inputs),
    }),
  );
}

/** What follows when the end of a deployment is not on record; only what is true whatever else is on it. */
function lostText({ status, version, environment }: Inputs): string {
  const { service, commit } = version;
  return status === 'success'
    ? `By the record ${service} is not deployed to ${environment} at ${commit.slice(0, 7)}: a plan that goes by the record takes ${service} up again with the next push there.`
    : `The record does not tell that ${service} was not deployed to ${environment}: release ${service} again if the next plan does not take it up.`;
}

async function tellUnwritten(run: Run, inputs: Inputs, error: GitHubError): Promise<void> {
  const { message, next = '' } = error;
  if (inputs.status === 'in-progress') {
    run.log.info(`${message} The step after the deployment tries it again.`);
    return;
  }
  const lost = lostText(inputs);
  run.log.warning(`${message} ${lost}\nNext: ${next}`, { title: 'deployment-record' });
  await run.summary.append(
    renderStepSummary({
      title: `deployment-record: ${inputs.version.service}`,
      outcome: 'warning',
      cause: `${message} ${lost}`,
      next,
      facts: facts(inputs),
    }),
  );
}
