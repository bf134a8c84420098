import { GitHubError, githubRepository, type GitHubRepository } from '@slipway/github';
import { createHttpClient } from '@slipway/http';
import { errorMessage, timeLimit, type Run } from '@slipway/runtime';

/** What GitHub said, or why that is not known. */
export type GitHubAnswer<T> =
  { known: true; value: T } | { known: false; why: string; next: string };

/** A plan is not held up for longer by GitHub; then it goes on without. */
const limitMs = 60_000;
const patience = { attempts: 3, requestMs: 30_000 };

/** Asks GitHub for something. Never throws for GitHub: what cannot be read is not known. */
export async function askGitHub<T>(
  { runner, env, clock, log, signal }: Run,
  token: string,
  ask: (github: GitHubRepository) => Promise<T>,
): Promise<GitHubAnswer<T>> {
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
    return { known: true, value: await ask(github) };
  } catch (error) {
    signal.throwIfAborted();
    const next = error instanceof GitHubError ? (error.next ?? '') : 'Look at githubstatus.com.';
    return { known: false, why: errorMessage(error).replace(/\.$/, ''), next };
  } finally {
    await http.close();
  }
}
