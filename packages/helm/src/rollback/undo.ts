import { errorMessage } from '@slipway/runtime';
import { uninstallArguments } from '../tool/index.ts';
import type { Operation } from './operation.ts';
import { recoverPending, openReleaseStore, type ReleasePorts } from '../release/index.ts';
import { rollbackRelease } from './rollback.ts';

/** What is left of an upgrade after it was undone. */
export interface Undone {
  outcome: 'rolled-back' | 'uninstalled' | 'failed';
  /** Helm's word for the newest revision; `uninstalled` when there is none. */
  status: string;
  revision: number | undefined;
  changed: boolean;
  rolledBack: boolean;
  proven?: boolean;
  /** What speaks against the rollback. */
  doubts?: string;
}

/**
 * Undoes an upgrade that failed or died: back to `operation.target`, or away with a first install.
 * Never throws for what Helm or the cluster refuses; the result says so.
 */
export async function undo(
  ports: ReleasePorts,
  operation: Operation,
  because: string,
): Promise<Undone> {
  const { helm, kube, clock, log, signal } = ports;
  const { release, namespace, before, target, rollbackMs } = operation;
  const store = openReleaseStore(kube, release, namespace);
  const history = await store.history();
  const newest = history[0];
  const unchanged: Undone = {
    outcome: 'failed',
    status: newest?.status ?? 'uninstalled',
    revision: newest?.revision,
    changed: newest !== undefined && newest.revision > before,
    rolledBack: false,
  };
  if (newest === undefined || newest.revision <= before) return unchanged;
  try {
    if (target !== 0) {
      const done = await rollbackRelease(ports, {
        release,
        namespace,
        toRevision: target,
        timeoutMs: rollbackMs,
        because,
        historyMax: operation.historyMax,
        revisions: operation.revisions,
      });
      const now = (await store.history())[0];
      return {
        outcome: 'rolled-back',
        status: now?.status ?? 'unknown',
        revision: done.newRevision,
        changed: true,
        rolledBack: true,
        proven: done.proven,
        ...(done.why === undefined ? {} : { doubts: done.why }),
      };
    }
    if (before !== 0) {
      await recoverPending({ clock, log, signal }, store, { ours: true, deadlineMs: 0 });
      return { ...unchanged, status: 'failed' };
    }
    log.info(`Removing ${release}: its first install failed`);
    await helm.run(
      uninstallArguments({ release, namespace, timeoutMs: rollbackMs }, helm.tool.major),
      {
        timeoutMs: rollbackMs + 10_000,
        signal,
      },
    );
    const left = await store.history();
    return {
      outcome: 'uninstalled',
      status: left[0]?.status ?? 'uninstalled',
      revision: undefined,
      changed: true,
      rolledBack: true,
      proven: left.length === 0,
    };
  } catch (error) {
    signal.throwIfAborted();
    log.warning(`The upgrade could not be undone: ${errorMessage(error)}`);
    await recoverPending({ clock, log, signal }, store, { ours: true, deadlineMs: 0 }).catch(
      () => undefined,
    );
    const now = (await store.history().catch(() => history))[0];
    return {
      ...unchanged,
      status: now?.status ?? 'unknown',
      revision: now?.revision,
      proven: false,
      doubts: errorMessage(error),
    };
  }
}
