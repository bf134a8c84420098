import { ExecError } from '@slipway/exec';
import { ActionError, errorMessage, formatDuration, retry, stopwatch } from '@slipway/runtime';
import { lockRelease, openReleaseStore, type ReleasePorts } from '../release/index.ts';
import { readHelmError, uninstallArguments } from '../tool/index.ts';
import type { UpgradeResult } from './upgrade-result.ts';

/** One release that is to go. */
export interface RemovalRequest {
  release: string;
  namespace: string;
  timeoutMs: number;
  maxRetries: number;
  /** Whether the chart's hooks for deletion are run. */
  hooks: boolean;
  /** Names this job in the lock. */
  owner: string;
}

async function uninstall(ports: ReleasePorts, request: RemovalRequest, deadlineMs: number) {
  const { helm, clock, log, signal } = ports;
  const { release, namespace, hooks } = request;
  const once = async (): Promise<void> => {
    const timeoutMs = Math.max(1_000, deadlineMs - clock.now());
    const command = uninstallArguments({ release, namespace, timeoutMs, hooks }, helm.tool.major);
    await helm.run(command, { timeoutMs: timeoutMs + 10_000, signal });
  };
  try {
    await retry(once, {
      clock,
      signal,
      deadlineMs,
      firstDelayMs: 1_000,
      attempts: request.maxRetries + 1,
      transient: (error) =>
        error instanceof ExecError && readHelmError(error.stderr, error.message).transient,
      onRetry: ({ error, attempt, waitMs }) =>
        log.warning(
          `Attempt ${attempt - 1} failed for a passing reason, next in ${formatDuration(waitMs)}: ${errorMessage(error)}`,
        ),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ExecError)) throw error;
    const { message, next } = readHelmError(error.stderr, error.message);
    throw new ActionError(`${release} could not be uninstalled: ${message}`, {
      title: 'Uninstall failed',
      next:
        next ??
        `Look what is left (helm status ${release} -n ${namespace}); running this again goes on with it.`,
    });
  }
}

/**
 * Takes a release away with its history, as `helm uninstall --wait` does, and waits until its objects are
 * gone; nothing is done when it is not there. Holds the lock of the release meanwhile. Throws ActionError
 * when Helm could not finish; running it again goes on.
 */
export async function removeRelease(
  ports: ReleasePorts,
  request: RemovalRequest,
): Promise<UpgradeResult> {
  const { kube, clock, log, signal } = ports;
  const { release, namespace, owner, timeoutMs } = request;
  const watch = stopwatch(clock);
  const deadlineMs = clock.now() + timeoutMs;
  const store = openReleaseStore(kube, release, namespace, ports.helm.driver);
  const [newest] = await store.history();
  const result: UpgradeResult = {
    outcome: 'removed',
    status: 'uninstalled',
    revision: undefined,
    previousRevision: newest?.revision,
    changed: newest !== undefined,
    rolledBack: false,
    reason: '',
    attempts: newest === undefined ? 0 : 1,
    differences: [],
    leftAlone: [],
    recovered: undefined,
    parts: watch.parts,
  };
  if (newest === undefined) return result;
  const lock = await watch.time('Lock', () =>
    lockRelease({ ...ports, release, namespace, owner, timeoutMs }),
  );
  try {
    log.info(`Uninstalling ${release} from ${namespace}`);
    const guarded = { ...ports, signal: AbortSignal.any([signal, lock.lost]) };
    await watch.time('Uninstall', () => uninstall(guarded, request, deadlineMs));
    return { ...result, parts: watch.parts };
  } finally {
    await lock.release();
  }
}
