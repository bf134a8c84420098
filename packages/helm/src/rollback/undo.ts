import { errorMessage } from '@slipway/runtime';
import { uninstallArguments } from '../tool/index.ts';
import { removeHookRuns } from './install-hooks.ts';
import type { Operation } from './operation.ts';
import {
  openReleaseStore,
  recoverPending,
  type ReleasePorts,
  type ReleaseStore,
  type StoredRevision,
} from '../release/index.ts';
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

/** Back to the revision that worked. */
async function goBack(ports: ReleasePorts, operation: Operation, because: string): Promise<Undone> {
  const { release, namespace, target, historyMax, hooks, revisions, images } = operation;
  const done = await rollbackRelease(ports, {
    release,
    namespace,
    toRevision: target,
    timeoutMs: operation.rollbackMs,
    because,
    historyMax,
    hooks,
    revisions,
    images,
  });
  return {
    outcome: 'rolled-back',
    status: done.newStatus,
    revision: done.newRevision,
    changed: true,
    rolledBack: true,
    proven: done.proven,
    ...(done.why === undefined ? {} : { doubts: done.why }),
  };
}

/** Away with what the hooks of a first install started; what speaks against it. */
async function takeHooksAway(
  ports: ReleasePorts,
  operation: Operation,
  installed: StoredRevision | undefined,
): Promise<string | undefined> {
  const { log } = ports;
  const { namespace, hooksBefore: before = [] } = operation;
  const hooks = installed?.record.hooks ?? [];
  const { removed, remaining, kept } = await removeHookRuns(ports, hooks, { namespace, before });
  if (removed.length > 0) log.info(`Removed what its hooks had started: ${removed.join(', ')}`);
  if (kept.length > 0) log.info(`Its hooks made these, which stay: ${kept.join(', ')}`);
  return remaining.length === 0 ? undefined : `still there: ${remaining.join('; ')}`;
}

/** Away with a first install. */
async function takeAway(
  ports: ReleasePorts,
  operation: Operation,
  store: ReleaseStore,
): Promise<Undone> {
  const { helm, log, signal } = ports;
  const [installed] = await store.history();
  const { release, namespace, hooks, rollbackMs: timeoutMs } = operation;
  log.info(`Removing ${release}: its first install failed`);
  const command = uninstallArguments({ release, namespace, timeoutMs, hooks }, helm.tool.major);
  await helm.run(command, { timeoutMs: timeoutMs + 10_000, signal });
  const gone = {
    outcome: 'uninstalled',
    revision: undefined,
    changed: true,
    rolledBack: true,
  } as const;
  try {
    const left = await store.history();
    const doubts = await takeHooksAway(ports, operation, installed);
    const status = left[0]?.status ?? 'uninstalled';
    const proven = left.length === 0 && doubts === undefined;
    return { ...gone, status, proven, ...(doubts === undefined ? {} : { doubts }) };
  } catch (error) {
    signal.throwIfAborted();
    return { ...gone, status: 'unknown', proven: false, doubts: errorMessage(error) };
  }
}

/** What is left when undoing failed: no revision stays pending if that can be helped. */
async function leaveFailed(
  ports: ReleasePorts,
  store: ReleaseStore,
  unchanged: Undone,
  error: unknown,
): Promise<Undone> {
  const { clock, log, signal } = ports;
  const doubts = errorMessage(error);
  log.warning(`The upgrade could not be undone: ${doubts}`);
  const failed = { ...unchanged, proven: false, doubts };
  try {
    const options = { ours: true, deadlineMs: 0 };
    const { history } = await recoverPending({ clock, log, signal }, store, options);
    const [now] = history;
    return { ...failed, status: now?.status ?? 'uninstalled', revision: now?.revision };
  } catch (inner) {
    signal.throwIfAborted();
    log.debug(`The history could not be put in order: ${errorMessage(inner)}`);
    return { ...failed, status: 'unknown' };
  }
}

/**
 * Undoes an upgrade that failed or died: back to `operation.target`, or away with a first install; with
 * `keepFailed` its revision is only marked failed. What
 * Helm or the cluster refuses is part of the result; thrown is a KubeError when the history cannot even
 * be read, so that nothing has been undone, and the signal's reason.
 */
export async function undo(
  ports: ReleasePorts,
  operation: Operation,
  because: string,
): Promise<Undone> {
  const { kube, clock, log, signal } = ports;
  const { release, namespace, before, keepFailed } = operation;
  const target = keepFailed ? 0 : operation.target;
  const store = openReleaseStore(kube, release, namespace, ports.helm.driver);
  const [newest] = await store.history();
  const unchanged: Undone = {
    outcome: 'failed',
    status: newest?.status ?? 'uninstalled',
    revision: newest?.revision,
    changed: newest !== undefined && newest.revision > before,
    rolledBack: false,
  };
  if (!unchanged.changed) return unchanged;
  try {
    if (target !== 0) return await goBack(ports, operation, because);
    if (before === 0 && !keepFailed) return await takeAway(ports, operation, store);
    await recoverPending({ clock, log, signal }, store, { ours: true, deadlineMs: 0 });
    return { ...unchanged, status: 'failed' };
  } catch (error) {
    signal.throwIfAborted();
    return await leaveFailed(ports, store, unchanged, error);
  }
}
