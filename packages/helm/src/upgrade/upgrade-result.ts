import type { Cause } from '@slipway/kube';
import { ActionError, errorMessage, type TimedPart } from '@slipway/runtime';
import type { ReleaseChanges } from './release-changes.ts';
import type { Operation } from '../rollback/index.ts';

/** How an upgrade ended; `reason` says whether it is a failure. `would-change` is how a rehearsal can end. */
export interface UpgradeResult {
  outcome:
    | 'deployed'
    | 'unchanged'
    | 'would-change'
    | 'removed'
    | 'rolled-back'
    | 'uninstalled'
    | 'failed';
  /** Helm's word for the newest revision; `uninstalled` when there is none. */
  status: string;
  revision: number | undefined;
  previousRevision: number | undefined;
  changed: boolean;
  rolledBack: boolean;
  /** Whether a rollback was proven, and what speaks against it. */
  proven?: boolean;
  doubts?: string;
  /** True when the failed revision stays as it is because that was asked for. */
  kept?: boolean;
  /** One line; empty on success. */
  reason: string;
  cause?: Cause;
  next?: string;
  /** How often Helm was run to upgrade; 0 when nothing was to be done. */
  attempts: number;
  differences: readonly string[];
  /** What differs in the cluster and was left as others have set it, in words. */
  leftAlone: readonly string[];
  recovered: number | undefined;
  /** The commit that the release was deployed from before, where its history says so. */
  deployedCommit?: string | undefined;
  /** What the upgrade changed; absent when nothing was to be done. */
  changes?: ReleaseChanges;
  parts: readonly TimedPart[];
}

/**
 * An upgrade that ended by an error after its first change. What of it happened is not known here; with
 * `operation` another process can finish it, and the lock of the release is left for that process,
 * unless another job took it (`takenBy`) and goes on with the release.
 */
export class UnfinishedUpgradeError extends ActionError {
  readonly operation: Operation;
  readonly takenBy: string | undefined;

  constructor(operation: Operation, details: { cause: unknown; takenBy: string | undefined }) {
    const { release, namespace } = operation;
    const { cause, takenBy } = details;
    super(errorMessage(cause), {
      title: (cause instanceof ActionError ? cause.title : undefined) ?? 'Upgrade cut off',
      next: `The change had begun: look at \`helm history ${release} -n ${namespace}\` for what is there now.`,
      cause,
    });
    this.name = 'UnfinishedUpgradeError';
    this.operation = operation;
    this.takenBy = takenBy;
  }
}
