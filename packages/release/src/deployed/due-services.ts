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
  /**
   * Services with a newer deployment to one of the places that did not succeed, or has not yet, and its commit:
   * whether it is there is not known.
   */
  undecided: ReadonlyMap<string, string>;
  /** Whether anything was recorded there, whatever came of it. */
  recorded: boolean;
}

/**
 * Those of `services` that are due whatever changed, each with the reason: those of which no deployment to
 * one of the places succeeded, where deployments are recorded, and those whose newest one did not. Their first one
 * may have failed, or their build before it, and no later change would tell; nor does a commit that takes back
 * what a failed one left behind. Where nothing is recorded yet, that is none.
 */
export function dueServices(
  services: readonly string[],
  { commits, undecided, recorded, environment, places }: KnownDeployments,
): ReadonlyMap<string, string> {
  if (!recorded) return new Map();
  const where = places > 1 ? `every target of ${environment}` : environment;
  const due = new Map<string, string>();
  for (const name of services) {
    const other = undecided.get(name);
    if ((commits.get(name) ?? []).length < places)
      due.set(name, `no successful deployment to ${where} on record`);
    else if (other !== undefined)
      due.set(name, `a later deployment of ${other.slice(0, 7)} did not succeed, or has not yet`);
  }
  return due;
}
