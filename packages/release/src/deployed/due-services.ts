/** What is deployed to one environment, as far as somebody recorded it. */
export interface KnownDeployments {
  environment: string;
  /** The commit that was last deployed with success, by service. */
  commits: ReadonlyMap<string, string>;
  /** Whether anything was recorded there, whatever came of it. */
  recorded: boolean;
}

/**
 * Those of `services` that are due whatever changed, each with the reason: those of which no deployment
 * succeeded, where deployments are recorded. Their first one may have failed, or their build before it, and
 * no later change would tell. Where nothing is recorded yet, that is none.
 */
export function dueServices(
  services: readonly string[],
  { commits, recorded, environment }: KnownDeployments,
): ReadonlyMap<string, string> {
  if (!recorded) return new Map();
  return new Map(
    services
      .filter((name) => !commits.has(name))
      .map((name) => [name, `no successful deployment to ${environment} on record`]),
  );
}
