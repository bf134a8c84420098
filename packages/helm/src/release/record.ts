import { gunzipSync, gzipSync } from 'node:zlib';
import { ActionError } from '@slipway/runtime';

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
  chart?: {
    metadata?: Readonly<Record<string, unknown>>;
    /** The chart's own values. */
    values?: unknown;
  };
  /** The values the user gave. */
  config?: Readonly<Record<string, unknown>>;
  manifest?: string;
  hooks?: readonly ReleaseHook[];
  /** Helm 4: `ssa` when it applies this release server-side; absent means client-side. */
  apply_method?: string;
}

const maxRecordBytes = 64 * 1024 * 1024;

/**
 * Reads a revision as Helm writes it: base64 of gzip of JSON (pkg/storage/driver/util.go). Throws
 * ActionError when it is none; `name` is the object that holds it.
 */
export function decodeRelease(data: string, name: string): ReleaseRecord {
  try {
    return unpacked(Buffer.from(data, 'base64'));
  } catch {
    // Not kept as the cause: parsers quote what they read, and values are in it.
    throw new ActionError(`${name} does not hold a revision as Helm writes it.`, {
      title: 'History not readable',
      next: 'Look at the object; Helm cannot read it either. Delete it when it is not needed for a rollback.',
    });
  }
}

function unpacked(inner: Buffer): ReleaseRecord {
  const packed = inner[0] === 0x1f && inner[1] === 0x8b;
  const json = packed ? gunzipSync(inner, { maxOutputLength: maxRecordBytes }) : inner;
  return JSON.parse(json.toString('utf8')) as ReleaseRecord;
}

/** The inverse of `decodeRelease`. */
export function encodeRelease(record: ReleaseRecord): string {
  return gzipSync(JSON.stringify(record), { level: 9 }).toString('base64');
}

/** True while Helm holds the release for an operation, or held it when it died. */
export function isPending(status: ReleaseStatus): boolean {
  return status.startsWith('pending-') || status === 'uninstalling';
}
