import { gunzipSync, gzipSync } from 'node:zlib';

/** The states of a revision, as Helm spells them. */
export type ReleaseStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback';

/** One hook of a revision. */
export interface ReleaseHook {
  name: string;
  kind: string;
  manifest: string;
  events?: readonly string[];
  weight?: number;
  delete_policies?: readonly string[];
}

/**
 * One revision as Helm stores it and as `-o json` prints it (helm/helm: pkg/release/v1; the same in
 * both majors). Only what Slipway reads is named; the rest is kept when a record is written back.
 */
export interface ReleaseRecord {
  name: string;
  namespace: string;
  version: number;
  info: {
    status: ReleaseStatus;
    description?: string;
    first_deployed?: string;
    last_deployed?: string;
  };
  chart?: { metadata?: Readonly<Record<string, unknown>> };
  /** The values the user gave. */
  config?: Readonly<Record<string, unknown>>;
  manifest?: string;
  hooks?: readonly ReleaseHook[];
  /** Helm 4: `ssa` when it applies this release server-side; absent means client-side. */
  apply_method?: string;
}

const maxRecordBytes = 64 * 1024 * 1024;

/** Reads the `release` field of Helm's Secret: base64 (of the Secret) of base64 of gzip of JSON. */
export function decodeRelease(data: string): ReleaseRecord {
  const inner = Buffer.from(Buffer.from(data, 'base64').toString('latin1'), 'base64');
  const packed = inner[0] === 0x1f && inner[1] === 0x8b;
  const json = packed ? gunzipSync(inner, { maxOutputLength: maxRecordBytes }) : inner;
  return JSON.parse(json.toString('utf8')) as ReleaseRecord;
}

/** The inverse of `decodeRelease`. */
export function encodeRelease(record: ReleaseRecord): string {
  const packed = gzipSync(JSON.stringify(record), { level: 9 }).toString('base64');
  return Buffer.from(packed, 'latin1').toString('base64');
}

/** True while Helm holds the release for an operation, or held it when it died. */
export function isPending(status: ReleaseStatus): boolean {
  return status.startsWith('pending-') || status === 'uninstalling';
}
