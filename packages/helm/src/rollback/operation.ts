import type { ImageDigests } from './image-digests.ts';
import type { WorkloadRevisions } from './proof.ts';

/** An upgrade under way: what the post step needs when main was killed. Holds nothing secret. */
export interface Operation {
  release: string;
  namespace: string;
  owner: string;
  /** The newest revision before the upgrade; 0 when there was none. */
  before: number;
  /** Where to go back to; 0 for nowhere. */
  target: number;
  historyMax: number;
  rollbackMs: number;
  /** Whether the new revision has to serve to be kept. */
  wait: boolean;
  /** Whether hooks are run. */
  hooks: boolean;
  /** Whether a failed revision stays as it is, for somebody to look at. */
  keepFailed: boolean;
  revisions: WorkloadRevisions;
  images: ImageDigests;
  /** Before a first install: uids of what has the name of one of its hooks already. */
  hooksBefore?: readonly string[];
}

/** A rollback gets as much time as the upgrade, within reason. */
export function rollbackBudgetMs(timeoutMs: number): number {
  return Math.min(Math.max(timeoutMs, 60_000), 300_000);
}
