import { causeText, type Cause } from '@slipway/kube';
import { lastingTroubles, type RolloutTruth } from '@slipway/rollout';
import { count, formatDuration } from '@slipway/runtime';
import type { Finding } from '../judge/index.ts';

const check = 'rollout';

interface Time {
  nowMs: number;
  elapsedMs: number;
  deadlineMs: number;
}

function because(cause: Cause): { detail: string; next: string } {
  return { detail: causeText(cause), next: `Look at: kubectl describe ${cause.object}` };
}

function wanted(what: string): string {
  return `a rollout that is done${what}`;
}

/** A rollout that is done, or that lacks nothing although its controller is at something again. */
function doneFinding(truth: RolloutTruth): Finding {
  const { status, done, hold, desired, serving, finished } = truth;
  // Nothing of a job that has completed can change any more.
  if (finished) return { check, state: 'good', final: true, detail: status.message };
  if (hold?.kind === 'part')
    return { check, state: 'good', detail: `${serving} of ${desired} serve; ${hold.text}` };
  const detail = done ? status.message : `it was done, and all ${count(serving, 'pod')} serve`;
  return { check, state: 'good', detail };
}

/** Somebody holds the rollout back: that is told at once, and nothing is held against the release. */
function heldFinding(text: string): Finding {
  return {
    check,
    state: 'open',
    final: true,
    detail: text,
    wouldChange: 'pods of the new revision',
    next: 'Let the rollout go on, or leave out the verification.',
  };
}

/** What keeps it: a trouble of its own pods, or one of an earlier revision that it waits for. */
function keptBy({ troubles, stuck }: RolloutTruth): Cause | undefined {
  return troubles[0]?.cause ?? stuck[0]?.cause;
}

function underWay(truth: RolloutTruth): Finding {
  const { status, hold, wasDone, serving, desired } = truth;
  const cause = keptBy(truth);
  const said = hold?.kind === 'pause' ? hold.text : status.message;
  const seen = wasDone ? `it was done, but now ${serving} of ${desired} pods serve` : said;
  return {
    check,
    state: 'open',
    detail: cause === undefined ? seen : `${seen}; ${causeText(cause)}`,
    wouldChange: wanted(''),
  };
}

/** Why the release is broken for certain; undefined while it may still come. */
function brokenFinding(truth: RolloutTruth, nowMs: number): Finding | undefined {
  const [lasting] = lastingTroubles(truth, nowMs);
  if (lasting !== undefined)
    return { check, state: 'bad', ...because(lasting.cause), wouldChange: wanted('') };
  const { gaveUp, status } = truth;
  if (gaveUp === undefined) return undefined;
  const { detail, next } = because(gaveUp);
  // What the controller says is part of it, unless that is all there is.
  const whole = detail.includes(status.message) ? detail : `${detail}; ${status.message}`;
  return {
    check,
    state: 'bad',
    detail: whole,
    next,
    wouldChange: wanted(' before its controller gives up'),
  };
}

/**
 * Whether the release got to run at all. A rollout that is not done at the deadline is unhealthy, not
 * unproven: its pods had their time. One that was done, waits for somebody's word or is a job at work had
 * not.
 */
export function rolloutFinding(truth: RolloutTruth, time: Time): Finding {
  const { status, done, wasDone, hold, steadySinceMs } = truth;
  if (hold?.kind === 'nothing' && !truth.finished) return heldFinding(hold.text);
  if (done || (wasDone && steadySinceMs !== undefined)) return doneFinding(truth);
  const broken = brokenFinding(truth, time.nowMs);
  if (broken !== undefined) return broken;
  const waits = wasDone || hold?.kind === 'pause' || truth.isJob;
  if (waits || time.elapsedMs < time.deadlineMs) return underWay(truth);
  const first = keptBy(truth);
  return {
    check,
    state: 'bad',
    detail: `not done after ${formatDuration(time.elapsedMs)}: ${status.message}`,
    ...(first === undefined ? {} : because(first)),
    wouldChange: wanted(' before the deadline'),
  };
}
