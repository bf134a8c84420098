import { InputError, quoted } from '@slipway/runtime';

/** Where Helm keeps the revisions of a release, as far as Slipway can read and mark them. */
export type StorageDriver = 'secret' | 'configmap';

/** Helm's own spellings (helm/helm: pkg/action/action.go, Configuration.Init). */
const drivers: Readonly<Record<string, StorageDriver>> = {
  '': 'secret',
  secret: 'secret',
  secrets: 'secret',
  configmap: 'configmap',
  configmaps: 'configmap',
};

/** Why the other drivers of Helm cannot be used. */
const unusable: Readonly<Record<string, string>> = {
  sql: 'Slipway cannot mark a revision in a database, so it could neither recover nor roll back a release there',
  memory: 'Helm forgets every release of this driver when it ends',
};

/**
 * The storage that `HELM_DRIVER` names, Secrets by default. Throws InputError for one in which Slipway
 * could not roll back; ask before the first write.
 */
export function storageDriver(env: Readonly<Record<string, string | undefined>>): StorageDriver {
  const name = env['HELM_DRIVER'] ?? '';
  const driver = Object.hasOwn(drivers, name) ? drivers[name] : undefined;
  if (driver !== undefined) return driver;
  const why = Object.hasOwn(unusable, name) ? unusable[name] : 'Helm has no such driver';
  throw new InputError(`HELM_DRIVER: ${quoted(name)} cannot be used: ${why}.`, {
    next: 'Set it to secret (the default) or configmap. A release keeps its history only in the storage that it was made with.',
  });
}
