import type { ManifestObject } from '../release/index.ts';

interface Templated {
  spec?: { template?: { spec?: { serviceAccountName?: string; serviceAccount?: string } } };
}

/** The service account that an object of a manifest names for its pods; undefined when it names none. */
function accountOf(object: ManifestObject | undefined): string | undefined {
  const spec = (object as Templated | undefined)?.spec?.template?.spec;
  return spec?.serviceAccountName ?? spec?.serviceAccount;
}

/** What two manifests say of the service account of a workload's pods. */
export type AccountChange = 'named' | 'dropped' | 'none';

/** How a manifest changes the account from that of the one before. */
export function accountChange(
  object: ManifestObject,
  previous: ManifestObject | undefined,
): AccountChange {
  if (accountOf(object) !== undefined) return 'named';
  return accountOf(previous) === undefined ? 'none' : 'dropped';
}
