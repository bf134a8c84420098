import type { ReleaseRecord, StoredRevision } from '../release/index.ts';
import { digestOf } from './render-inputs.ts';

/**
 * What ties a revision to what it was rendered from: a digest of both, kept as an annotation of the object
 * that holds the revision. Labels of a revision Helm hands on to the next one, whatever that is rendered
 * from; with the revision in the digest such a copy would tell nothing either.
 */
export function fingerprintOf(origin: string, record: ReleaseRecord): string {
  const { manifest = '', hooks = [], chart, config } = record;
  const stored = hooks.map(({ name, kind, manifest: source, events, weight, delete_policies }) => [
    name,
    kind,
    source,
    events ?? [],
    weight ?? 0,
    delete_policies ?? [],
  ]);
  return digestOf([origin, manifest, stored, chart?.metadata ?? {}, config ?? {}]);
}

/**
 * What the deployed revision holds, when it was rendered from just what the release would be rendered from
 * now, so that a render would give the same. Undefined when that is not so, or not known.
 */
export function recognized(
  origin: string | undefined,
  active: StoredRevision | undefined,
): ReleaseRecord | undefined {
  if (origin === undefined || active?.status !== 'deployed') return undefined;
  const { fingerprint, record } = active;
  return fingerprint === fingerprintOf(origin, record) ? record : undefined;
}
