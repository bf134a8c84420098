import type { KubeClient } from '@slipway/kube';
import type { StorageDriver } from '../tool/index.ts';
import { decodeRelease, encodeRelease, type ReleaseRecord, type ReleaseStatus } from './record.ts';

/** One revision in Helm's storage: its labels and, on demand, its content. */
export interface StoredRevision {
  revision: number;
  status: ReleaseStatus;
  record: ReleaseRecord;
  /** For a change that must not overwrite somebody else's. */
  resourceVersion: string;
  objectName: string;
  /** Of the object, Helm's own among them. */
  labels: Readonly<Record<string, string>>;
  /** What Slipway noted of where it comes from; Helm drops it whenever it writes the object. */
  fingerprint: string | undefined;
}

interface StorageObject {
  metadata: {
    name: string;
    resourceVersion: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  data?: { release?: string };
}

/** Helm's storage of one release, read from the objects of its driver in the namespace. */
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
  /** Adds labels to a revision's object, on the same condition. */
  label(revision: StoredRevision, labels: StoredRevision['labels']): Promise<void>;
  /** Notes a fingerprint beside a revision, under the same condition. */
  stamp(revision: StoredRevision, fingerprint: string): Promise<void>;
}

const fingerprintAnnotation = 'slipway.dev/fingerprint';

/** Where a driver keeps revisions; the API has the data of Secrets, and only theirs, in base64. */
interface Storage {
  resource: string;
  read: (data: string) => string;
  written: (text: string) => string;
}

const storages: Readonly<Record<StorageDriver, Storage>> = {
  secret: {
    resource: 'secrets',
    read: (data) => Buffer.from(data, 'base64').toString('latin1'),
    written: (text) => Buffer.from(text, 'latin1').toString('base64'),
  },
  configmap: { resource: 'configmaps', read: (data) => data, written: (text) => text },
};

/** The resource of the API that holds the revisions of `driver`. */
export function storageResource(driver: StorageDriver): string {
  return storages[driver].resource;
}

/** The API path of all revisions of a namespace. */
export function storagePath(driver: StorageDriver, namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${storages[driver].resource}`;
}

/** What Helm wrote, from what the JSON of the API has as `data.release` of an object of its storage. */
export function writtenByHelm(driver: StorageDriver, data: string): string {
  return storages[driver].read(data);
}

/**
 * The storage of `release` behind `kube`, as `driver` keeps it. Needs get, list and patch on Secrets
 * (ConfigMaps), as Helm itself does.
 */
export function openReleaseStore(
  kube: KubeClient,
  release: string,
  namespace: string,
  driver: StorageDriver = 'secret',
): ReleaseStore {
  const { resource, read, written } = storages[driver];
  // Written out, so that tools/cluster-access sees which rights it takes.
  const objects = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`;
  return {
    release,
    namespace,
    history: async () => {
      const found = await kube.list<StorageObject>(objects, {
        labelSelector: `owner=helm,name=${release}`,
      });
      return found
        .filter(({ data }) => data?.release !== undefined)
        .map(({ data, metadata }) => {
          const record = decodeRelease(read(data?.release ?? ''), metadata.name);
          return {
            revision: record.version,
            status: record.info.status,
            record,
            resourceVersion: metadata.resourceVersion,
            objectName: metadata.name,
            labels: metadata.labels ?? {},
            fingerprint: metadata.annotations?.[fingerprintAnnotation],
          };
        })
        .sort((a, b) => b.revision - a.revision);
    },
    mark: async (revision, status, description) => {
      const record = {
        ...revision.record,
        info: { ...revision.record.info, status, description },
      };
      await kube.patch(`${objects}/${encodeURIComponent(revision.objectName)}`, {
        metadata: { resourceVersion: revision.resourceVersion, labels: { status } },
        data: { release: written(encodeRelease(record)) },
      });
    },
    label: async ({ objectName, resourceVersion }, labels) => {
      await kube.patch(`${objects}/${encodeURIComponent(objectName)}`, {
        metadata: { resourceVersion, labels },
      });
    },
    stamp: async ({ objectName, resourceVersion }, fingerprint) => {
      await kube.patch(`${objects}/${encodeURIComponent(objectName)}`, {
        metadata: { resourceVersion, annotations: { [fingerprintAnnotation]: fingerprint } },
      });
    },
  };
}
