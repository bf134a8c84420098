import { GitHubError, githubRepository, readDeployed } from '@slipway/github';
import { createHttpClient } from '@slipway/http';
import type { KnownDeployments, ReleaseEvent, Service } from '@slipway/release';
import { errorMessage, timeLimit, type Run } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

/** What is deployed to an environment, or why that is not known. */
type Deployed =
  { known: true; deployments: KnownDeployments } | { known: false; why: string; next: string };

/** A plan is not held up for longer by GitHub; then it goes on without. */
const limitMs = 60_000;
const patience = { attempts: 3, requestMs: 30_000 };

/**
 * What of `services` the call of this name deployed to `environment`, by GitHub's Deployments. Never throws for GitHub: what cannot
 * be read is not known.
 */
async function readDeployments(
  { runner, env, clock, log, signal }: Run,
  asked: { environment: string; services: readonly string[]; inputs: Inputs },
): Promise<Deployed> {
  const { environment, services, inputs } = asked;
  const { name: target, token } = inputs;
  if (token === '')
    return {
      known: false,
      why: 'github-token is empty',
      next: 'Hand over github-token: ${{ github.token }}.',
    };
  const http = createHttpClient({ env });
  try {
    const github = githubRepository({
      repository: runner.repository,
      token,
      apiUrl: env['GITHUB_API_URL'] ?? 'https://api.github.com',
      fetch: http.fetch,
      clock,
      log,
      signal: timeLimit(clock, limitMs, signal),
      patience,
    });
    const { deployed, recorded } = await readDeployed(github, { environment, services, target });
    const commits = new Map([...deployed].map(([name, { version }]) => [name, version.commit]));
    return { known: true, deployments: { environment, commits, recorded } };
  } catch (error) {
    signal.throwIfAborted();
    const next = error instanceof GitHubError ? (error.next ?? '') : 'Look at githubstatus.com.';
    return { known: false, why: errorMessage(error).replace(/\.$/, ''), next };
  } finally {
    await http.close();
  }
}

/**
 * Tells what is deployed to the plan's environment, which is read once; undefined when there is no
 * environment or nothing is known, which is then said.
 */
export function deployedReader(
  run: Run,
  given: { event: ReleaseEvent; inputs: Inputs; services: readonly Service[] },
): (environment: string) => Promise<KnownDeployments | undefined> {
  const { event, inputs } = given;
  const services = given.services.map(({ name }) => name);
  let read: Promise<KnownDeployments | undefined> | undefined;
  const ask = async (environment: string): Promise<KnownDeployments | undefined> => {
    const answer = await readDeployments(run, { environment, services, inputs });
    if (answer.known) return answer.deployments;
    const instead =
      event.kind === 'push' ? ' Services are compared with what the branch pointed to before.' : '';
    run.log.notice(
      `What is deployed to ${environment} is not known: ${answer.why}.${instead}\nNext: ${answer.next}`,
      { title: 'release-context' },
    );
    return undefined;
  };
  return async (environment) => {
    if (environment === '' || event.kind === 'pull-request') return undefined;
    read ??= ask(environment);
    return read;
  };
}
