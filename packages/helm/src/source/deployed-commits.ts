import type { KubeClient } from '@slipway/kube';
import { storageResource } from '../release/index.ts';
import type { StorageDriver } from '../tool/index.ts';
import { stampOf, type Stamp } from './stamp.ts';

/** What one release is deployed from. */
export interface DeployedSource {
  revision: number;
  stamp: Stamp;
  /** When the revision was made; milliseconds since 1970. */
  sinceMs: number;
  /** Whether a later revision failed or has not ended, so that its objects may be in the cluster. */
  overtaken: boolean;
}

interface StoredObject {
  metadata: { labels?: Readonly<Record<string, string>>; creationTimestamp?: string };
}

/** Only what is asked for: a revision holds chart, values and manifest, up to a megabyte. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * The commits that the releases of one namespace are deployed from, by the name of the release; those
 * that have no revision that is deployed are left out. One list of metadata, by the labels that Helm keeps. Needs `list` on
 * what holds the history. Throws KubeError.
 */
export async function deployedCommits(
  kube: KubeClient,
  namespace: string,
  driver: StorageDriver = 'secret',
): Promise<ReadonlyMap<string, DeployedSource>> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${storageResource(driver)}`;
  const query = { labelSelector: 'owner=helm,status!=superseded' };
  const stored = await kube.list<StoredObject>(path, query, metadataOnly);
  const found = new Map<string, Omit<DeployedSource, 'overtaken'>>();
  const newest = new Map<string, number>();
  for (const { metadata } of stored) {
    const labels = metadata.labels ?? {};
    const { name = '', version = '', status = '' } = labels;
    const revision = Number(version);
    newest.set(name, Math.max(revision, newest.get(name) ?? 0));
    if (status !== 'deployed') continue;
    // After a Helm that was killed two revisions can call themselves deployed; the newer one is.
    if (name === '' || revision <= (found.get(name)?.revision ?? 0)) continue;
    const sinceMs = Date.parse(metadata.creationTimestamp ?? '');
    found.set(name, { revision, stamp: stampOf(labels), sinceMs });
  }
  return new Map(
    [...found].map(([name, source]) => [
      name,
      { ...source, overtaken: (newest.get(name) ?? 0) > source.revision },
    ]),
  );
}
