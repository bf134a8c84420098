import { ExecError, type ExecResult } from '@slipway/exec';
import { causeText, type Cause } from '@slipway/kube';
import { errorMessage, formatDuration } from '@slipway/runtime';
import {
  followRollout,
  waitedObjects,
  type Rollout,
  type RolloutOutcome,
} from '../rollout/index.ts';
import type { StoredRevision } from '../release/index.ts';
import { readHelmError } from '../tool/index.ts';
import type { PreparedUpgrade } from './preparation.ts';
import { upgradeCommand, type UpgradeRun } from './upgrade-request.ts';

/** An attempt that did not come to serve. */
export interface FailedAttempt {
  kind: 'failed';
  /** Whether the same may succeed a moment later. */
  transient: boolean;
  /** One line: what failed. */
  reason: string;
  cause: Cause | undefined;
  next: string | undefined;
}

/** How one run of Helm and the rollout beside it ended. */
export type AttemptResult =
  /** `revision` is the one that Helm says it made, `history` what is stored since it ended. */
  | {
      kind: 'ready';
      revision: number | undefined;
      history: Promise<readonly StoredRevision[]>;
    }
  | FailedAttempt;

type GivenUp = Extract<RolloutOutcome, { kind: 'broken' | 'late' }>;

function isGivenUp(outcome: RolloutOutcome): outcome is GivenUp {
  return outcome.kind === 'broken' || outcome.kind === 'late';
}

class Interrupted extends Error {
  readonly outcome: GivenUp;

  constructor(outcome: GivenUp) {
    super('The rollout was given up.');
    this.outcome = outcome;
  }
}

function givenUp(outcome: GivenUp, timeoutMs: number): FailedAttempt {
  const { cause } = outcome;
  const why = cause === undefined ? '' : causeText(cause);
  const failed = { kind: 'failed', transient: false, cause, next: undefined } as const;
  if (outcome.kind === 'broken') return { ...failed, reason: why };
  const late = `not ready within ${formatDuration(timeoutMs)} (${outcome.waitingFor})`;
  return { ...failed, reason: why === '' ? late : `${late}: ${why}` };
}

/** What a Helm that ended by itself wrote to its standard error. */
async function refusedByHelm(error: ExecError, rollout: Rollout): Promise<FailedAttempt> {
  const { transient, message, next } = readHelmError(error.stderr, error.message);
  const isHook = /hooks? failed/i.test(error.stderr);
  const cause = isHook ? await rollout.hookCause() : undefined;
  const reason = cause === undefined ? message : `${message}: ${causeText(cause)}`;
  return { kind: 'failed', transient, reason, cause, next };
}

/** The revision in what `helm upgrade --output json` prints. */
function revisionIn(stdout: string): number | undefined {
  try {
    const { version } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { version?: unknown };
    return typeof version === 'number' ? version : undefined;
  } catch {
    return undefined;
  }
}

/** Interrupts Helm when its rollout cannot become ready; tells when nobody can know. */
function interruptWhenGivenUp(run: UpgradeRun, rollout: Rollout): AbortSignal {
  const giveUp = new AbortController();
  rollout.outcome.then(
    (outcome) => {
      if (isGivenUp(outcome)) giveUp.abort(new Interrupted(outcome));
      else if (outcome.kind === 'unseen')
        run.ports.log.warning(
          `The rollout cannot be watched, so only Helm's own wait decides and no cause can be named: ` +
            `${outcome.why} (grant get, list and watch on pods, events, replicasets and the workloads).`,
          { title: 'Rollout not watched' },
        );
    },
    () => undefined,
  );
  return giveUp.signal;
}

/** Helm at work: the one that stands before its first write, once, and else a new one. */
async function runHelm(
  run: UpgradeRun,
  { held, serverSide }: PreparedUpgrade,
  options: { signal: AbortSignal; isFirst: boolean },
): Promise<ExecResult> {
  const { signal, isFirst } = options;
  if (held !== undefined && isFirst) return await held.letGo(signal);
  const { args, ...limits } = upgradeCommand(run, serverSide);
  return await run.ports.helm.run(args, { signal, ...limits });
}

/**
 * Runs `helm upgrade --install` and follows the rollout beside it. A rollout that cannot become ready
 * makes Helm stop with one SIGINT, upon which Helm marks the revision failed and changes nothing more.
 * Rejects with the signal's reason on a cancel, after Helm has ended.
 */
export async function attemptUpgrade(
  run: UpgradeRun,
  prepared: PreparedUpgrade,
  isFirst: boolean,
): Promise<AttemptResult> {
  const { ports, request, progress, deadlineMs } = run;
  const { signal } = ports;
  const { targets, rendered } = prepared;
  const over = new AbortController();
  let applied = false;
  const rollout = followRollout({
    ...ports,
    progress,
    targets,
    waited: waitedObjects(rendered.manifest ?? '', request.plan.namespace),
    applied: () => applied,
    failFast: request.failFast,
    deadlineMs,
    signal: AbortSignal.any([signal, over.signal]),
  });
  const interrupted = interruptWhenGivenUp(run, rollout);
  try {
    const { stdout } = await runHelm(run, prepared, {
      signal: AbortSignal.any([signal, interrupted]),
      isFirst,
    });
    applied = true;
    // Beside the last look; whoever asks for it hears of a failure.
    const history = run.store.history();
    history.catch(() => undefined);
    rollout.lookNow();
    const outcome = await rollout.outcome;
    if (isGivenUp(outcome)) return givenUp(outcome, request.timeoutMs);
    return { kind: 'ready', revision: revisionIn(stdout), history };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Interrupted) return givenUp(error.outcome, request.timeoutMs);
    if (error instanceof ExecError) return await refusedByHelm(error, rollout);
    const reason = errorMessage(error);
    return { kind: 'failed', transient: false, reason, cause: undefined, next: undefined };
  } finally {
    over.abort(new Error('The upgrade is over.'));
    await rollout.outcome.catch(() => undefined);
  }
}
