/** One status of a Deployment; REST has states in lower case, GraphQL in upper case. */
export interface StatusAt {
  state: string;
  /** ISO 8601. */
  createdAt: string;
}

/**
 * Whether a Deployment succeeded and was not found to have failed afterwards. `inactive` says nothing
 * against it: GitHub adds it to deployments that succeeded, also when a job with an `environment:` of the
 * same name ends (actions/runner#1001). Times are whole seconds, so a failure at the same one counts.
 */
export function hasSucceeded(statuses: readonly StatusAt[]): boolean {
  const last = (...states: readonly string[]): number =>
    Math.max(
      -Infinity,
      ...statuses
        .filter(({ state }) => states.includes(state.toLowerCase()))
        .map(({ createdAt }) => Date.parse(createdAt)),
    );
  return last('success') > last('failure', 'error');
}
