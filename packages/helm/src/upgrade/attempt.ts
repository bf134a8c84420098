import { ExecError } from '@slipway/exec';
import type { Cause } from '@slipway/kube';
import { errorMessage, formatDuration } from '@slipway/runtime';
import { upgradeArguments, type UpgradePlan, readHelmError } from '../tool/index.ts';
import type { ReleasePorts } from '../release/index.ts';
import { type RolloutTarget, followRollout, type RolloutOutcome } from '../rollout/index.ts';
import { type ProgressLog } from '@slipway/rollout';

/** How one run of Helm and the rollout beside it ended. */
export type AttemptResult =
  | { kind: 'ready' }
  | {
      kind: 'failed';
      transient: boolean;
      /** One line: what failed. */
      reason: string;
      cause: Cause | undefined;
      next: string | undefined;
    };

/** Helm's own limits come later than ours, so that ours can tell the cause. */
const helmSlackMs = 30_000;
/** Main has 2 s to hand over after a cancel. */
const killGraceMs = 1_500;

type GivenUp = Extract<RolloutOutcome, { kind: 'broken' | 'late' }>;

class Interrupted extends Error {
  readonly outcome: GivenUp;

  constructor(outcome: GivenUp) {
    super('The rollout was given up.');
    this.outcome = outcome;
  }
}

function describe(outcome: GivenUp, timeoutMs: number) {
  const { cause } = outcome;
  const told = cause === undefined ? '' : `${cause.object}: ${cause.reason}: ${cause.message}`;
  const reason =
    outcome.kind === 'broken'
      ? told
      : `not ready within ${formatDuration(timeoutMs)} (${outcome.waitingFor})${told === '' ? '' : `: ${told}`}`;
  return { kind: 'failed', transient: false, reason, cause, next: undefined } as const;
}

/**
 * Runs `helm upgrade --install` and follows the rollout beside it. A rollout that cannot become ready
 * makes Helm stop with one SIGINT, upon which Helm marks the revision failed and changes nothing more.
 * Rejects with the signal's reason on a cancel, after Helm has ended.
 */
export async function attemptUpgrade(
  ports: ReleasePorts,
  options: {
    plan: UpgradePlan;
    serverSide: boolean;
    targets: readonly RolloutTarget[];
    progress: ProgressLog;
    deadlineMs: number;
    timeoutMs: number;
  },
): Promise<AttemptResult> {
  const { helm, kube, clock, log, signal } = ports;
  const { plan, serverSide, targets, progress, deadlineMs, timeoutMs } = options;
  let applied = false;
  const giveUp = new AbortController();
  const over = new AbortController();
  const rollout = followRollout({
    kube,
    clock,
    log,
    progress,
    targets,
    applied: () => applied,
    deadlineMs,
    signal: AbortSignal.any([signal, over.signal]),
  });
  rollout.outcome.then(
    (outcome) => {
      if (outcome.kind === 'broken' || outcome.kind === 'late')
        giveUp.abort(new Interrupted(outcome));
      else if (outcome.kind === 'unseen')
        log.warning(
          `The rollout cannot be watched, so only Helm's own wait decides and no cause can be named: ` +
            `${outcome.why} (grant get, list and watch on pods, events, replicasets and the workloads).`,
          { title: 'Rollout not watched' },
        );
    },
    () => undefined,
  );
  const helmTimeoutMs = Math.max(1_000, deadlineMs - clock.now()) + helmSlackMs;
  try {
    await helm.run(
      upgradeArguments(plan, { major: helm.tool.major, timeoutMs: helmTimeoutMs, serverSide }),
      {
        signal: AbortSignal.any([signal, giveUp.signal]),
        killGraceMs,
        timeoutMs: helmTimeoutMs + helmSlackMs,
      },
    );
    applied = true;
    rollout.lookNow();
    const outcome = await rollout.outcome;
    return outcome.kind === 'broken' || outcome.kind === 'late'
      ? describe(outcome, timeoutMs)
      : { kind: 'ready' };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Interrupted) return describe(error.outcome, timeoutMs);
    if (error instanceof ExecError) {
      const problem = readHelmError(error.stderr, error.message);
      const hook = /hooks? failed/i.test(error.stderr) ? await rollout.hookCause() : undefined;
      const told = hook === undefined ? '' : `: ${hook.object}: ${hook.reason}: ${hook.message}`;
      return {
        kind: 'failed',
        transient: problem.transient,
        reason: `${problem.message}${told}`,
        cause: hook,
        next: problem.next,
      };
    }
    return {
      kind: 'failed',
      transient: false,
      reason: errorMessage(error),
      cause: undefined,
      next: undefined,
    };
  } finally {
    over.abort(new Error('The upgrade is over.'));
    await rollout.outcome.catch(() => undefined);
  }
}
