import { promises as fs } from 'node:fs';
import {
  findTestedTree,
  formatTested,
  GitHubError,
  githubRepository,
  recordTestedTree,
  type GitHubRepository,
} from '@slipway/github';
import { createHttpClient } from '@slipway/http';
import { renderStepSummary } from '@slipway/report';
import { errorMessage, InputError, type Run } from '@slipway/runtime';
import { parseInputs, type Inputs } from './inputs.ts';

/** Neither a check nor a release waits longer for a note that it can do without. */
const patience = { attempts: 3, requestMs: 30_000 };

/** Writes down that a tree passed its tests, or finds that again. GitHub's refusal is told, and fails nothing. */
export async function main(run: Run): Promise<void> {
  const { runner, env, clock, log, signal, outputs } = run;
  outputs.set('tested', '');
  const inputs = await readInputsOrTell(run);
  const http = createHttpClient({ env });
  try {
    if (inputs.token === '')
      throw new GitHubError('github-token is empty.', {
        status: undefined,
        next: 'Hand over github-token: ${{ github.token }}.',
      });
    const github = githubRepository({
      repository: runner.repository,
      token: inputs.token,
      apiUrl: env['GITHUB_API_URL'] ?? 'https://api.github.com',
      fetch: http.fetch,
      clock,
      log,
      signal,
      patience,
    });
    const told =
      inputs.mode === 'find' ? await find(run, github, inputs) : await record(run, github, inputs);
    await tell(run, { outcome: 'ok', told });
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    const { message, next = '' } = error;
    const then =
      inputs.mode === 'find' ? 'so the tests are run' : 'so a release runs the tests again';
    const cause = `${message.replace(/\.$/, '')}, ${then}.`;
    log.notice(`${cause}\nNext: ${next}`, { title: 'tested-tree' });
    await tell(run, { outcome: 'warning', told: 'nothing', cause, next });
  } finally {
    await http.close();
  }
}

async function find(run: Run, github: GitHubRepository, { commit }: Inputs): Promise<string> {
  const found = await findTestedTree(github, commit);
  run.outputs.set('tested', formatTested(found));
  const told =
    found === undefined
      ? `no tests of ${commit.slice(0, 7)} are on record`
      : `${which(found.tests)} of tree ${found.tree.slice(0, 7)} passed in ${found.runUrl || 'a run without an address'}`;
  run.log.info(`${told}.`);
  return told;
}

async function record(
  run: Run,
  github: GitHubRepository,
  { claim, commit }: Inputs,
): Promise<string> {
  const { runner, log, outputs } = run;
  if (claim === undefined) {
    log.info('There is nothing to record: claim is empty.');
    return 'nothing to record';
  }
  const runUrl = `${runner.serverUrl}/${runner.repository}/actions/runs/${runner.runId}`;
  const tests = await recordTestedTree(github, { commit, claim, runUrl });
  outputs.set('tested', formatTested({ tree: claim.tree, tests, runUrl }));
  const told = `${which(tests)} of tree ${claim.tree.slice(0, 7)} passed, noted on ${commit.slice(0, 7)}`;
  log.info(`${told}.`);
  return told;
}

function which(tests: string): string {
  return tests.startsWith('all-') ? 'all tests' : 'the tests that the change can break';
}

async function readInputsOrTell(run: Run): Promise<Inputs> {
  try {
    const headSha = await headOfPullRequest(run.runner.eventPath);
    return parseInputs(run.inputs, run.runner, headSha);
  } catch (error) {
    await tell(run, { outcome: 'failed', told: 'nothing', cause: errorMessage(error) });
    throw error;
  }
}

/** The merge commit that a pull request's job runs for is nobody's to look at afterwards; its head is. */
async function headOfPullRequest(eventPath: string | undefined): Promise<string> {
  if (eventPath === undefined || eventPath === '') return '';
  try {
    const payload = JSON.parse(await fs.readFile(eventPath, 'utf8')) as {
      pull_request?: { head?: { sha?: unknown } };
    } | null;
    const sha = payload?.pull_request?.head?.sha;
    return typeof sha === 'string' ? sha : '';
  } catch (error) {
    throw new InputError(`The event payload ${eventPath} could not be read.`, { cause: error });
  }
}

async function tell(
  run: Run,
  {
    outcome,
    told,
    cause,
    next,
  }: { outcome: 'ok' | 'warning' | 'failed'; told: string; cause?: string; next?: string },
): Promise<void> {
  await run.summary.append(
    renderStepSummary({
      title: 'tested-tree',
      outcome,
      facts: [['tests', told]],
      ...(cause === undefined ? {} : { cause }),
      ...(next === undefined ? {} : { next }),
    }),
  );
}
