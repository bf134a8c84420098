import { getOctokitOptions, GitHub } from '@actions/github/lib/utils';
import { InputError, type Clock, type Fetch, type Log } from '@slipway/runtime';
import { githubError, isTimeout, type Errand } from './github-error.ts';
import { originBoundFetch } from './origin-bound-fetch.ts';
import { patientFetch, type Patience } from './patient-fetch.ts';

/** octokit, as @actions/github makes it. */
export type Octokit = InstanceType<typeof GitHub>;

/** Names a repository in a request. */
export interface RepositoryName {
  owner: string;
  repo: string;
}

/** One repository on GitHub or GitHub Enterprise Server, and a token for it. */
export interface GitHubRepository {
  /** `owner/name`. */
  name: string;
  /** Does `work`; throws a GitHubError that names the errand when GitHub refuses or is not there. */
  ask: <T>(
    errand: Errand,
    work: (octokit: Octokit, name: RepositoryName) => Promise<T>,
  ) => Promise<T>;
}

/** What a repository is asked with. */
export interface RepositoryOptions {
  /** `owner/name`, GITHUB_REPOSITORY. */
  repository: string;
  token: string;
  /** GITHUB_API_URL; on GitHub Enterprise Server it ends with `/api/v3`. */
  apiUrl: string;
  /** Knows proxies and certificates (`@slipway/http`). */
  fetch: Fetch;
  clock: Clock;
  log: Log;
  signal?: AbortSignal;
  patience?: Patience;
}

/**
 * A client for `repository`. The token goes to the origin of `apiUrl` only. Throws InputError without a
 * token, and for a repository or an URL that is none. Taken from @actions/github's own parts, since its
 * index reads the event's payload as it is imported, and fails with it.
 */
export function githubRepository(options: RepositoryOptions): GitHubRepository {
  const { repository, apiUrl, clock, log, signal, patience = {} } = options;
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(repository) ?? [];
  if (owner === undefined || repo === undefined)
    throw new InputError('GITHUB_REPOSITORY is not of the form owner/name.');
  const url = URL.parse(apiUrl);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InputError('GITHUB_API_URL is no http(s) URL.');
  const token = options.token.trim();
  if (token === '' || !/^[\x21-\x7e]+$/.test(token))
    throw new InputError('github-token is empty or no token.', {
      next: 'Hand over github-token: ${{ github.token }}.',
    });
  const patient = patientFetch(originBoundFetch(options.fetch, apiUrl), { clock, log, patience });
  const debug = (message: string): void => log.debug(message);
  const sayings = { debug, info: debug, warn: debug, error: debug };
  const octokit = new GitHub(
    getOctokitOptions(token, {
      baseUrl: apiUrl.replace(/\/+$/, ''),
      userAgent: 'slipway',
      log: sayings,
      request: { fetch: patient, log: sayings, ...(signal === undefined ? {} : { signal }) },
    }),
  );
  return {
    name: repository,
    ask: async (errand, work) => {
      try {
        return await work(octokit, { owner, repo });
      } catch (error) {
        // A limit of time is a GitHub that is too slow; whatever else ends it is the caller's own.
        const isLate = signal?.aborted === true && isTimeout(signal.reason);
        if (!isLate) signal?.throwIfAborted();
        const cause: unknown = isLate ? signal.reason : error;
        throw githubError(cause, { errand, repository, nowMs: clock.now() });
      }
    },
  };
}
