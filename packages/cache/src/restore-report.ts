import type { Layer } from './layer/index.ts';
import type { ListedPack } from './pack/index.ts';

/** What a restore did. Restoring never throws, except when the job is cancelled. */
export interface RestoreReport {
  layer: Layer['name'];
  /** `present`: what the entries have is on the machine already, or is hardly needed. */
  outcome: 'restored' | 'partial' | 'present' | 'miss' | 'abandoned' | 'failed';
  /** Of the manifest found. */
  key?: string;
  /** Whether the manifest is one for exactly what was asked for, and this job once found in it all that it needed. */
  exact: boolean;
  /** Of archives that were fetched. */
  bytes: number;
  /** Written; those that were there already do not count. */
  files: number;
  /** How long it took to make what was fetched. */
  worthMs: number;
  durationMs: number;
  /** Why it was abandoned, failed or came in part. */
  why?: string;
  /**
   * What was at fault then: an `entry` that is gone or damaged, which saving mends; the `service` or the `machine`,
   * with which saving had better not be tried.
   */
  broken?: 'service' | 'machine' | 'entry';
  /** Files of entries that were not what they must be, and were left out. */
  damaged: number;
}

/** A pack that is here, and what it has. */
export interface RestoredPack {
  pack: ListedPack;
  paths: string[];
  /** Whether some or all of its files cannot be used: it is written anew. */
  isDamaged?: true;
}

/** A report of nothing restored. */
export const emptyReport = (layer: Layer['name']): RestoreReport => ({
  layer,
  outcome: 'miss',
  exact: false,
  bytes: 0,
  files: 0,
  worthMs: 0,
  durationMs: 0,
  damaged: 0,
});

/** Says what is at fault: with service or machine in trouble, nothing about entries matters. */
export function blame(
  report: RestoreReport,
  broken: NonNullable<RestoreReport['broken']>,
  why: string,
): void {
  if (broken === 'entry' && report.broken !== undefined) return;
  report.broken = broken;
  report.why = why;
}
