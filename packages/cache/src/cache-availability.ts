type Environment = Readonly<Record<string, string | undefined>>;

/** Whether this run may use the cache (`ACTIONS_CACHE_MODE` narrows it; a read-only token does so later). */
export interface CacheAccess {
  readable: boolean;
  writable: boolean;
}

/**
 * What the runner says of its cache service, or a sentence on why there is none. Version 2 of the service is told by
 * ACTIONS_CACHE_SERVICE_V2 and ACTIONS_RESULTS_URL, version 1 by ACTIONS_CACHE_URL: GitHub Enterprise Server, act,
 * Gitea and Forgejo have that.
 */
export function cacheAccess(env: Environment): CacheAccess | { unavailable: string } {
  const has = (name: string): boolean => (env[name] ?? '') !== '';
  // act gives no token unless it was told to keep artifacts, and asks for none.
  if (!has('ACTIONS_CACHE_URL') && !(has('ACTIONS_RESULTS_URL') && has('ACTIONS_RUNTIME_TOKEN')))
    return {
      unavailable: 'the runner names no cache service (ACTIONS_RESULTS_URL, ACTIONS_CACHE_URL)',
    };
  const mode = (env['ACTIONS_CACHE_MODE'] ?? '').trim().toLowerCase();
  return {
    readable: mode !== 'none' && mode !== 'write-only',
    writable: mode !== 'none' && mode !== 'read',
  };
}

const ofTheStep = /^(?:INPUT_.*|STATE_.*|GITHUB_.*|RUNNER_.*|TAR_OPTIONS|ACTIONS_ID_TOKEN_.*)$/i;

/**
 * The environment of the process that talks to the service: the token of the cache, proxies, certificates; nothing of
 * the step's inputs. Without RUNNER_DEBUG, with which @actions/cache lists every archive.
 */
export function cacheEnvironment(env: Environment): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !ofTheStep.test(entry[0]),
  );
  const server = env['GITHUB_SERVER_URL'] ?? '';
  // By it @actions/cache tells GitHub Enterprise Server; what is no address would make it throw.
  return Object.fromEntries(URL.canParse(server) ? [...kept, ['GITHUB_SERVER_URL', server]] : kept);
}
