import { mayAccess, type KubeClient } from '@slipway/kube';
import { openReleaseStore, rollbackTarget, storageResource } from '../release/index.ts';
import type { StorageDriver } from '../tool/index.ts';

/** The way that a rollback would take. */
export interface RollbackWay {
  /** The newest revision, which would be left; undefined when there is no such release. */
  newest: number | undefined;
  /** Where it would go; undefined for nowhere. */
  target: number | undefined;
}

/** Whether a release could be rolled back if that were asked for now. */
export interface RollbackOutlook extends RollbackWay {
  /** Rights without which Helm cannot do it, as `update secrets`; what the API server will not say is not among them. */
  lacking: readonly string[];
  /** Rights without which the release is not locked against other jobs meanwhile. */
  unlocked: readonly string[];
}

const helmVerbs = ['list', 'get', 'create', 'update', 'patch'] as const;
const lockVerbs = ['get', 'create', 'patch', 'delete'] as const;

/** A release and the storage of its history. */
export interface StoredRelease {
  release: string;
  namespace: string;
  driver: StorageDriver;
}

/** The way of a rollback as the history is now. Throws KubeError. */
export async function rollbackWay(kube: KubeClient, stored: StoredRelease): Promise<RollbackWay> {
  const { release, namespace, driver } = stored;
  const history = await openReleaseStore(kube, release, namespace, driver).history();
  return { newest: history[0]?.revision, target: rollbackTarget(history)?.revision };
}

/**
 * What stands in the way of a rollback, asked before it is needed. Rights to the objects of the chart are
 * not asked for: which verbs Helm needs there depends on what differs. Throws KubeError when the history
 * cannot be read for another reason than a missing right.
 */
export async function rollbackOutlook(
  kube: KubeClient,
  stored: StoredRelease,
): Promise<RollbackOutlook> {
  const { namespace, driver } = stored;
  const history = storageResource(driver);
  const lacks = async (verb: string, group: string, resource: string): Promise<string[]> => {
    const allowed = await mayAccess(kube, { verb, group, resource, namespace });
    return allowed === false ? [`${verb} ${resource}${group === '' ? '' : `.${group}`}`] : [];
  };
  const [revisions, leases] = await Promise.all([
    Promise.all(helmVerbs.map((verb) => lacks(verb, '', history))),
    Promise.all(lockVerbs.map((verb) => lacks(verb, 'coordination.k8s.io', 'leases'))),
  ]);
  const lacking = revisions.flat();
  const unlocked = leases.flat();
  if (lacking.includes(`list ${history}`))
    return { lacking, unlocked, newest: undefined, target: undefined };
  return { lacking, unlocked, ...(await rollbackWay(kube, stored)) };
}
