/** What is deployed to one environment, as far as somebody recorded it. */
export interface KnownDeployments {
  environment: string;
  /** How many places the environment has: its targets, or one. */
  places: number;
  /**
   * The commits that were last deployed with success, by service: one for each place where one was. A
   * service of which none was is not in it.
   */
  commits: ReadonlyMap<string, readonly string[]>;
  /** Whether anything was recorded there, whatever came of it. */
  recorded: boolean;
}

/**
 * Those of `services` that are due whatever changed, each with the reason: those of which no deployment to
 * one of the places succeeded, where deployments are recorded. Their first one may have failed, or their build
 * before it, and no later change would tell. Where nothing is recorded yet, that is none.
 */
export function dueServices(
  services: readonly string[],
  { commits, recorded, environment, places }: KnownDeployments,
): ReadonlyMap<string, string> {
  if (!recorded) return new Map();
  const where = places > 1 ? `every target of ${environment}` : environment;
  return new Map(
    services
      .filter((name) => (commits.get(name) ?? []).length < places)
      .map((name) => [name, `no successful deployment to ${where} on record`]),
  );
}
