import type { KnownDeployments } from './known-deployments.ts';

/**
 * Those of `services` that are due whatever changed, each with the reason: those of which no deployment to
 * one of the places succeeded, where deployments are recorded, and those of which it is not known what a place
 * has. Their first one may have failed, or their build before it, and no later change would tell; nor does a commit
 * that takes back what a failed one left behind.
 */
export function dueServices(
  services: readonly string[],
  { commits, doubts, recorded, environment, places }: KnownDeployments,
): ReadonlyMap<string, string> {
  const where = places > 1 ? `every target of ${environment}` : environment;
  const due = new Map<string, string>();
  for (const name of services) {
    const doubt = doubts.get(name);
    if (doubt !== undefined) due.set(name, doubt);
    else if (recorded && (commits.get(name) ?? []).length < places)
      due.set(name, `no successful deployment to ${where} on record`);
  }
  return due;
}
