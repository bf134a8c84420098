import type { KubeClient } from '@slipway/kube';
import { decodeRelease, encodeRelease, type ReleaseRecord, type ReleaseStatus } from './record.ts';

/** One revision in Helm's storage: its labels and, on demand, its content. */
export interface StoredRevision {
  revision: number;
  status: ReleaseStatus;
  record: ReleaseRecord;
  /** For a change that must not overwrite somebody else's. */
  resourceVersion: string;
  objectName: string;
}

interface SecretObject {
  metadata: { name: string; resourceVersion: string; labels?: Record<string, string> };
  data?: { release?: string };
}

/** Helm's storage of one release, read from the Secrets (its default driver) of the namespace. */
export interface ReleaseStore {
  release: string;
  namespace: string;
  /** All revisions, the newest first; empty when the release does not exist. */
  history(): Promise<readonly StoredRevision[]>;
  /**
   * Writes another status and description into a revision, provided nobody changed it meanwhile
   * (else a KubeError of reason Conflict).
   */
  mark(revision: StoredRevision, status: ReleaseStatus, description: string): Promise<void>;
}

/** The storage of `release` behind `kube`. Needs get, list and patch on Secrets, as Helm itself does. */
export function openReleaseStore(
  kube: KubeClient,
  release: string,
  namespace: string,
): ReleaseStore {
  const secrets = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
  return {
    release,
    namespace,
    history: async () => {
      const found = await kube.list<SecretObject>(secrets, {
        labelSelector: `owner=helm,name=${release}`,
      });
      return found
        .filter(({ data }) => data?.release !== undefined)
        .map((secret) => {
          const record = decodeRelease(secret.data?.release ?? '');
          return {
            revision: record.version,
            status: record.info.status,
            record,
            resourceVersion: secret.metadata.resourceVersion,
            objectName: secret.metadata.name,
          };
        })
        .sort((a, b) => b.revision - a.revision);
    },
    mark: async (revision, status, description) => {
      const record = {
        ...revision.record,
        info: { ...revision.record.info, status, description },
      };
      await kube.patch(`${secrets}/${encodeURIComponent(revision.objectName)}`, {
        metadata: { resourceVersion: revision.resourceVersion, labels: { status } },
        data: { release: encodeRelease(record) },
      });
    },
  };
}
