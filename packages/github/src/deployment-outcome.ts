/** One status of a Deployment; REST has states in lower case, GraphQL in upper case. */
export interface StatusAt {
  state: string;
  /** ISO 8601. */
  createdAt: string;
}

/** The last moment of one of these states, in ms since 1970; -Infinity without any. */
function lastOf(statuses: readonly StatusAt[], ...states: readonly string[]): number {
  return Math.max(
    -Infinity,
    ...statuses
      .filter(({ state }) => states.includes(state.toLowerCase()))
      .map(({ createdAt }) => Date.parse(createdAt)),
  );
}

/**
 * Whether a Deployment succeeded and was not found to have failed afterwards. `inactive` says nothing
 * against it: GitHub adds it to deployments that succeeded, also when a job with an `environment:` of the
 * same name ends (actions/runner#1001). Times are whole seconds, so a failure at the same one counts.
 */
export function hasSucceeded(statuses: readonly StatusAt[]): boolean {
  return lastOf(statuses, 'success') > lastOf(statuses, 'failure', 'error');
}

/** Whether a Deployment was found to have failed; one that is not decided has neither failed nor succeeded. */
export function hasFailed(statuses: readonly StatusAt[]): boolean {
  return !hasSucceeded(statuses) && lastOf(statuses, 'failure', 'error') > -Infinity;
}
