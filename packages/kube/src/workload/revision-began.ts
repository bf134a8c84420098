import { KubeError, type ControllerRevision, type KubeClient } from '../client/index.ts';
import { owner, revisionHash, type Workload } from './workload.ts';

/**
 * When the current revision of a stateful set or daemon set was made, in milliseconds since 1970: pods that
 * were there before are of another one. Undefined of other kinds, and where these credentials may not know.
 */
export async function revisionBeganMs(
  client: KubeClient,
  { ref, metadata, selector, revision }: Workload,
): Promise<number | undefined> {
  if (!['statefulset', 'daemonset'].includes(ref.kind) || revision === undefined) return undefined;
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(ref.namespace)}/controllerrevisions`;
  try {
    const all = await client.list<ControllerRevision>(path, { labelSelector: selector });
    const current = all.find(
      (one) =>
        owner(one) === metadata.uid &&
        // Pods of a stateful set name it in full, those of a daemon set by its hash.
        [one.metadata?.name, one.metadata?.labels?.[revisionHash]].includes(revision),
    );
    const beganMs = Date.parse(current?.metadata?.creationTimestamp ?? '');
    return Number.isNaN(beganMs) ? undefined : beganMs;
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}
