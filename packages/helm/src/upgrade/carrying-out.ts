import { KubeError } from '@slipway/kube';
import { errorMessage, formatDuration, retry } from '@slipway/runtime';
import { fingerprintOf } from '../fingerprint/index.ts';
import { recoverPending, rollbackTarget, type StoredRevision } from '../release/index.ts';
import { hooksBefore, rollbackBudgetMs, undo, type Operation } from '../rollback/index.ts';
import { attemptUpgrade, type AttemptResult, type FailedAttempt } from './attempt.ts';
import type { PreparedUpgrade } from './preparation.ts';
import { testRelease } from './release-test.ts';
import { releaseDifferences } from './render.ts';
import type { UpgradeResult } from './upgrade-result.ts';
import type { UpgradeRun } from './upgrade-request.ts';

const firstRetryMs = 1_000;

/** What another process needs to undo the upgrade, noted before the first change. */
export async function noteOperation(
  run: UpgradeRun,
  prepared: PreparedUpgrade,
): Promise<Operation> {
  const { plan, owner, timeoutMs, keepFailed } = run.request;
  const { history, newest, rendered } = prepared;
  const { kube, log } = run.ports;
  const target = newest?.status === 'deployed' ? newest : rollbackTarget(history);
  const { unread, ...running } = await prepared.running;
  for (const one of unread)
    log.warning(
      'What runs before the upgrade could not be read whole, so that a rollback is proven without a ' +
        `comparison with it: ${one}`,
      { title: 'Not seen before the upgrade' },
    );
  return {
    release: plan.release,
    namespace: plan.namespace,
    owner,
    before: newest?.revision ?? 0,
    target: target?.revision ?? 0,
    historyMax: plan.historyMax,
    rollbackMs: rollbackBudgetMs(timeoutMs),
    ...(newest === undefined
      ? { hooksBefore: await hooksBefore(kube, rendered.hooks ?? [], plan.namespace) }
      : {}),
    wait: plan.wait,
    hooks: plan.hooks,
    keepFailed,
    ...running,
  };
}

/** Says what is about to be changed. */
export function announce(run: UpgradeRun, { active, differences }: PreparedUpgrade): void {
  const { log } = run.ports;
  const { release, namespace } = run.request.plan;
  const shown = differences.slice(0, 6).join(', ');
  const more = differences.length > 6 ? ` and ${differences.length - 6} more` : '';
  log.info(
    active === undefined
      ? `Installing ${release} in ${namespace}`
      : `Upgrading ${release} in ${namespace} from revision ${active.revision}: ${shown}${more}`,
  );
}

/** An attempt that failed for a reason that may be gone in a moment. */
class PassingFailure extends Error {
  readonly result: FailedAttempt;

  constructor(result: FailedAttempt) {
    super(result.reason);
    this.result = result;
  }
}

/** Runs Helm, again when it failed for a passing reason, as often as the user allows. */
async function attempt(
  run: UpgradeRun,
  prepared: PreparedUpgrade,
): Promise<{ attempts: number; result: AttemptResult }> {
  const { ports, request, store, watch, deadlineMs } = run;
  const { clock, signal } = ports;
  let attempts = 0;
  const once = async (number: number): Promise<AttemptResult> => {
    if (number > 1) await recoverPending(ports, store, { ours: true, deadlineMs });
    attempts = number;
    const part = number === 1 ? 'Upgrade' : `Upgrade, attempt ${number}`;
    const result = await watch.time(part, () => attemptUpgrade(run, prepared, number === 1));
    if (result.kind === 'failed' && result.transient) throw new PassingFailure(result);
    return result;
  };
  try {
    const result = await retry(once, {
      clock,
      signal,
      deadlineMs,
      firstDelayMs: firstRetryMs,
      attempts: request.maxRetries + 1,
      transient: (error) => error instanceof PassingFailure,
      onRetry: ({ error, attempt: next, waitMs }) =>
        ports.log.warning(
          `Attempt ${next - 1} failed for a passing reason, next in ${formatDuration(waitMs)}: ${errorMessage(error)}`,
        ),
    });
    return { attempts, result };
  } catch (error) {
    if (error instanceof PassingFailure) return { attempts, result: error.result };
    throw error;
  }
}

/**
 * Notes beside the revision what it was rendered from, so that a run from the same need not render. A chart
 * that rendered to two things in one run is left without: its next render may be a third.
 */
async function stamp(
  { ports, store }: UpgradeRun,
  { origin, rendered }: PreparedUpgrade,
  newest: StoredRevision,
): Promise<void> {
  const isOne = releaseDifferences(newest.record, rendered).length === 0;
  if (origin === undefined || newest.status !== 'deployed' || !isOne) return;
  await store.stamp(newest, fingerprintOf(origin, newest.record)).catch((error: unknown) => {
    if (!(error instanceof KubeError)) throw error;
    ports.log.debug(`The fingerprint cannot be noted: ${errorMessage(error)}`);
  });
}

/** What came of an upgrade, and what is still being noted beside its revision; a later run only saves time by it. */
export interface CarriedOut {
  result: UpgradeResult;
  noted?: Promise<void>;
}

/** What Helm deployed: by its history, or by its own word where the history cannot be read. */
async function deployed(
  run: UpgradeRun,
  prepared: PreparedUpgrade,
  { revision: printed, history }: Extract<AttemptResult, { kind: 'ready' }>,
): Promise<Pick<UpgradeResult, 'status' | 'revision'> & Pick<CarriedOut, 'noted'>> {
  try {
    const [newest] = await history;
    const now = { status: newest?.status ?? 'unknown', revision: newest?.revision };
    return newest === undefined ? now : { ...now, noted: stamp(run, prepared, newest) };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    run.ports.log.debug(`The history cannot be read: ${errorMessage(error)}`);
    return { status: 'deployed', revision: printed };
  }
}

/**
 * Changes the release, and undoes it when it does not come to serve. Throws when it is cancelled, when
 * the lock is lost, and when not even the history can be read.
 */
export async function carryOut(
  run: UpgradeRun,
  prepared: PreparedUpgrade,
  operation: Operation,
): Promise<CarriedOut> {
  const { ports, watch } = run;
  const { active, deployedCommit, differences, leftAlone, recovered } = prepared;
  const { attempts, result: upgraded } = await attempt(run, prepared);
  const result =
    (upgraded.kind === 'ready' && run.request.test
      ? await testRelease(run, prepared.rendered.hooks ?? [])
      : undefined) ?? upgraded;
  const shared = {
    attempts,
    differences,
    leftAlone,
    recovered,
    deployedCommit,
    parts: watch.parts,
    previousRevision: active?.revision,
  };
  if (result.kind === 'ready') {
    const { noted, ...now } = await deployed(run, prepared, result);
    const done = { outcome: 'deployed', changed: true, rolledBack: false, reason: '' } as const;
    return {
      result: { ...shared, ...now, ...done },
      ...(noted === undefined ? {} : { noted }),
    };
  }
  ports.log.info(`Giving up: ${result.reason}`);
  const part = operation.keepFailed ? 'Marking failed' : 'Rollback';
  const undone = await watch.time(part, () => undo(ports, operation, result.reason));
  return {
    result: {
      ...shared,
      ...undone,
      ...(operation.keepFailed ? { kept: true } : {}),
      reason: result.reason,
      ...(result.cause === undefined ? {} : { cause: result.cause }),
      ...(result.next === undefined ? {} : { next: result.next }),
    },
  };
}
