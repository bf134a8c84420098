import type { Cause } from '@slipway/kube';
import { formatDuration } from '@slipway/runtime';
import type { UpgradePlan } from '../tool/index.ts';
import {
  parseManifest,
  recoverPending,
  rollbackTarget,
  lockRelease,
  openReleaseStore,
  type ReleasePorts,
} from '../release/index.ts';
import { rollbackBudgetMs, type Operation, readRevisions, undo } from '../rollback/index.ts';
import { renderRelease } from './render.ts';
import { rolloutTargets, followRollout } from '../rollout/index.ts';
import { createProgressLog } from '@slipway/rollout';
import { secretsInObjects } from '../values/index.ts';
import { attemptUpgrade, type AttemptResult } from './attempt.ts';
import { findDifferences, refuseEarly } from './checks.ts';

/** One upgrade as the user wants it. */
export interface UpgradeRequest {
  plan: UpgradePlan;
  /** For everything up to the verdict; a rollback has a budget of its own. */
  timeoutMs: number;
  maxRetries: number;
  /** Names this job in the lock. */
  owner: string;
  maskSecret: (value: string) => void;
  /** Called before the first change, with all that is needed to undo it in another process. */
  onBegin: (operation: Operation) => void;
}

/** How an upgrade ended. Everything but `failed` and `rolled-back` is a success. */
export interface UpgradeResult {
  outcome: 'deployed' | 'unchanged' | 'rolled-back' | 'uninstalled' | 'failed';
  /** Helm's word for the newest revision; `uninstalled` when there is none. */
  status: string;
  revision: number | undefined;
  previousRevision: number | undefined;
  changed: boolean;
  rolledBack: boolean;
  /** Whether a rollback was proven, and what speaks against it. */
  proven?: boolean;
  doubts?: string;
  /** One line; empty on success. */
  reason: string;
  cause?: Cause;
  next?: string;
  attempts: number;
  differences: readonly string[];
  recovered: number | undefined;
  parts: readonly { name: string; durationMs: number; note?: string }[];
}

const firstRetryMs = 1_000;

/**
 * Installs or upgrades a release and stands by until it serves. Nothing is done when nothing differs; a
 * broken rollout is given up in seconds and rolled back (a first install: taken away), and the rollback
 * is proven. Expected failures are values; what stops it before a change is thrown.
 */
export async function upgradeRelease(
  ports: ReleasePorts,
  request: UpgradeRequest,
): Promise<UpgradeResult> {
  const { kube, clock, log, signal } = ports;
  const { plan, timeoutMs, owner } = request;
  const { release, namespace } = plan;
  const deadlineMs = clock.now() + timeoutMs;
  const remainingMs = (): number => Math.max(1_000, deadlineMs - clock.now());
  const parts: { name: string; durationMs: number; note?: string }[] = [];
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const startedMs = clock.now();
    try {
      return await work();
    } finally {
      parts.push({ name, durationMs: clock.now() - startedMs });
    }
  };

  const lock = await timed('Lock', () =>
    lockRelease({ ...ports, release, namespace, owner, timeoutMs: remainingMs() }),
  );
  const guarded: ReleasePorts = { ...ports, signal: AbortSignal.any([signal, lock.lost]) };
  const store = openReleaseStore(kube, release, namespace);
  try {
    const { history, recovered } = await recoverPending(guarded, store, {
      ours: lock.deadHolder !== undefined,
      deadlineMs,
    });
    const newest = history[0];
    const rendered = await timed('Render', () =>
      renderRelease(ports.helm, plan, { timeoutMs: remainingMs(), signal: guarded.signal }),
    );
    secretsInObjects(parseManifest(rendered.manifest ?? '')).forEach(request.maskSecret);
    const active = newest?.status === 'uninstalled' ? undefined : newest;
    const differences = await timed('Compare', () => findDifferences(guarded, active, rendered));
    const shared = { attempts: 0, differences, recovered, parts } as const;
    const targets = await rolloutTargets(kube, {
      namespace,
      manifest: rendered.manifest ?? '',
      previousManifest: active?.record.manifest,
      hooks: rendered.hooks ?? [],
      waitForJobs: plan.waitForJobs,
    });
    const progress = createProgressLog(log, clock);

    if (active !== undefined && differences.length === 0) {
      log.info(`Nothing differs from revision ${active.revision}, so nothing is changed`);
      const outcome = await timed(
        'Health',
        () =>
          followRollout({
            ...guarded,
            progress,
            targets: targets.filter(({ hook }) => !hook),
            applied: () => true,
            deadlineMs,
          }).outcome,
      );
      const ill = outcome.kind === 'broken' || outcome.kind === 'late';
      return {
        ...shared,
        outcome: ill ? 'failed' : 'unchanged',
        status: active.status,
        revision: active.revision,
        previousRevision: active.revision,
        changed: false,
        rolledBack: false,
        reason: !ill
          ? ''
          : `the release is unchanged but not healthy: ${outcome.cause === undefined ? '' : `${outcome.cause.object}: ${outcome.cause.reason}: ${outcome.cause.message}`}`,
        ...(ill && outcome.cause !== undefined ? { cause: outcome.cause } : {}),
        ...(ill
          ? { next: 'It was like that before this run: look at what changed outside the chart.' }
          : {}),
      };
    }
    const serverSide =
      ports.helm.tool.major === 4 && (active === undefined || active.record.apply_method === 'ssa');
    await timed('Trial', () => refuseEarly(guarded, plan, rendered, serverSide));
    log.info(
      active === undefined
        ? `Installing ${release} in ${namespace}`
        : `Upgrading ${release} in ${namespace} from revision ${active.revision}: ${differences.slice(0, 6).join(', ')}${differences.length > 6 ? ` and ${differences.length - 6} more` : ''}`,
    );
    const target = newest?.status === 'deployed' ? newest : rollbackTarget(history);
    const operation: Operation = {
      release,
      namespace,
      owner,
      before: newest?.revision ?? 0,
      target: target?.revision ?? 0,
      historyMax: plan.historyMax,
      rollbackMs: rollbackBudgetMs(timeoutMs),
      revisions: await readRevisions(
        kube,
        targets.filter(({ hook, before }) => !hook && before !== undefined).map(({ ref }) => ref),
      ),
    };
    request.onBegin(operation);

    let attempts = 0;
    let result: AttemptResult;
    for (;;) {
      attempts += 1;
      result = await timed(attempts === 1 ? 'Upgrade' : `Upgrade, attempt ${attempts}`, () =>
        attemptUpgrade(guarded, { plan, serverSide, targets, progress, deadlineMs, timeoutMs }),
      );
      const again = result.kind === 'failed' && result.transient && attempts <= request.maxRetries;
      const pauseMs = firstRetryMs * 2 ** (attempts - 1);
      if (!again || clock.now() + pauseMs >= deadlineMs) break;
      log.warning(
        `Attempt ${attempts} failed for a passing reason, next in ${formatDuration(pauseMs)}: ${result.kind === 'failed' ? result.reason : ''}`,
      );
      await clock.sleep(pauseMs, guarded.signal);
      await recoverPending(guarded, store, { ours: true, deadlineMs });
    }
    const previousRevision = active?.revision;
    if (result.kind === 'ready') {
      const now = (await store.history())[0];
      return {
        ...shared,
        attempts,
        outcome: 'deployed',
        status: now?.status ?? 'unknown',
        revision: now?.revision,
        previousRevision,
        changed: true,
        rolledBack: false,
        reason: '',
      };
    }
    log.info(`Giving up: ${result.reason}`);
    const undone = await timed('Rollback', () => undo(guarded, operation, result.reason));
    return {
      ...shared,
      ...undone,
      attempts,
      previousRevision,
      reason: result.reason,
      ...(result.cause === undefined ? {} : { cause: result.cause }),
      ...(result.next === undefined ? {} : { next: result.next }),
    };
  } finally {
    // After a cancel the lock stays for the post step, which has the same owner.
    if (!signal.aborted) await lock.release();
  }
}
