import { controlGroup, excusedUnits, type ControlUnit } from './control-group.ts';
import type { AboveEvidence } from './evidence-above.ts';
import { evidenceBelow, requestsMissing } from './evidence-below.ts';
import { lastExcusedMs } from './excused-stretch.ts';
import { heldBack, type HeldBack } from './held-back.ts';
import { turnsLate } from './late-turn.ts';
import { countsOf, failingGroup, isGroupSuspected, type ShareGroup } from './share-group.ts';
import { judgedUnits, type ShareUnit } from './share-unit.ts';
import { sharedFailures, type SharedFailures } from './shared-failures.ts';
import { designEffect, slotWidthMs, timeSlots, type TimeSlot } from './time-slot.ts';
import { weighShare } from './weighed-share.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** How sure a decision is. Each is the probability of ever deciding so wrongly. */
export interface ShareRisk {
  /** Of calling a share above the limit that is not. */
  above: number;
  /** Of calling a share below the limit that is not. */
  below: number;
}

export const usualRisk: ShareRisk = { above: 1 / 200, below: 1 / 20 };

/** What is decided, and when. Times by the clock of the units, in milliseconds. */
export interface ShareQuestion {
  /** Between 0 and 1; the share must be below it. */
  limit: number;
  /** When the verification began. */
  beganMs: number;
  nowMs: number;
  risk?: ShareRisk;
  /** What pods of earlier revisions showed, as far as it is known. */
  control?: readonly ControlUnit[];
  /** Whether what surely was too much in the first minute keeps it from being below for good; true when absent. */
  startHolds?: boolean;
}

/** The 95 % interval of a share. */
export type ShareInterval = readonly [low: number, high: number];

/** What the requests so far say about their share. */
export interface ShareDecision {
  total: number;
  bad: number;
  decision: 'above' | 'below' | 'open';
  /**
   * The 95 % interval of the share, for people, as wide as the design effect makes it; the decision does
   * not rest on it.
   */
  interval: ShareInterval;
  /** How many times the variance between scrapes is that of requests that fail each on its own. */
  designEffect: number;
  /** Further requests without a failure, coming as they did, that would make it `below`. */
  missing: number;
  /**
   * Requests of the stretch that speaks most against the release, up to now, with the interval of their
   * share; undefined when nothing speaks against it.
   */
  against: { sinceMs: number; total: number; bad: number; interval: ShareInterval } | undefined;
  /** Evidence against is on the rise: nobody should pass the release now. */
  rising: boolean;
  /** What keeps a share from being `below` although its last requests are; undefined when nothing does. */
  held: HeldBack | undefined;
  /**
   * The soak of this share began then: what nothing has spoken against since the verification began, or
   * since what old pods excused was over, and later by as long as the last requests have not been scraped.
   * Undefined when something speaks against.
   */
  wellSinceMs: number | undefined;
  /** The times of the last scrapes of the verification, oldest first; pods scraped together count once. */
  sampledMs: readonly number[];
  /** The pod, node or route to which the failures belong; undefined when they fail alike. */
  where: ShareGroup | undefined;
  /**
   * The share is above the limit, and would be called so were it not for the old pods, which fail as well;
   * undefined otherwise. The decision is `open` then.
   */
  shared: SharedFailures | undefined;
}

/** Evidence, as a natural logarithm, from which all requests together are suspected. */
const suspicious = 1;
const samplesKept = 20;

/** Up to when the requests of every pod that is still scraped are known. */
function coveredUntil(units: readonly ShareUnit[], widthMs: number): number | undefined {
  const last = new Map<string, number>();
  for (const { pod, atMs } of units) last.set(pod, atMs);
  const newest = Math.max(...last.values());
  const present = [...last.values()].filter((atMs) => newest - atMs <= 2.5 * widthMs);
  return present.length === 0 ? undefined : Math.min(...present);
}

/** The interval of a share whose failures come in clusters. */
function intervalOf({ total, bad }: { total: number; bad: number }, effect: number): ShareInterval {
  return wilsonInterval(bad / effect, total / effect);
}

function againstOf(
  pooled: AboveEvidence | undefined,
  slots: readonly TimeSlot[],
): ShareDecision['against'] {
  if (pooled === undefined) return undefined;
  const { fromMs, total, bad } = pooled.since;
  const effect = designEffect(slots.filter((slot) => slot.fromMs >= fromMs));
  return { sinceMs: fromMs, total, bad, interval: intervalOf({ total, bad }, effect) };
}

/** What speaks against the release by the limit alone, and what of it old pods excuse. */
function blameOf(
  units: readonly ShareUnit[],
  question: ShareQuestion,
  grid: { originMs: number; widthMs: number },
) {
  const { limit, nowMs, risk = usualRisk, control = [] } = question;
  const weighing = { limit, grid, risk: risk.above };
  const alone = weighShare(units, weighing);
  const group = controlGroup(control, nowMs);
  if (group === undefined) return { ...alone, isBlamed: alone.above, excusedMs: undefined };
  const excused = excusedUnits(units, group, limit);
  const isBlamed = alone.above && weighShare(excused, weighing).above;
  const excusedMs = lastExcusedMs(timeSlots(excused, grid), limit, risk.above);
  return { ...alone, isBlamed, excusedMs };
}

/**
 * Decides whether the share of failed requests is above or below the limit now. Give no units of pods
 * that are leaving. It may be asked at every moment: the promises of evidenceAbove and evidenceBelow are
 * about ever deciding wrongly. Above takes failures in two scrapes that last six seconds, and more of
 * them than old pods excuse; below takes two scrapes, and no rise of what speaks against it, of all
 * requests or of any pod, node or route. How long it has to be so is the soak's matter: see `wellSinceMs`.
 */
export function decideShare(units: readonly ShareUnit[], question: ShareQuestion): ShareDecision {
  const { limit, beganMs, nowMs, risk = usualRisk, control = [], startHolds = true } = question;
  const { start, verification } = judgedUnits(units, { beganMs, nowMs });
  const judged = [...start, ...verification].sort((a, b) => a.atMs - b.atMs);
  const widthMs = slotWidthMs(judged);
  const grid = { originMs: beganMs, widthMs };
  const slots = timeSlots(judged, grid);
  const ours = timeSlots(verification, grid);
  const { pooled, groups, above, isBlamed, excusedMs } = blameOf(judged, question, grid);
  const rising =
    above ||
    (pooled?.suspicion ?? 0) >= suspicious ||
    isGroupSuspected(groups, limit) ||
    turnsLate(ours, limit);
  const coveredMs = coveredUntil(verification, widthMs) ?? beganMs;
  const shown = evidenceBelow(ours, limit, widthMs) >= -Math.log(risk.below);
  const held = heldBack(judged, {
    limit,
    sinceMs: excusedMs ?? Number.NEGATIVE_INFINITY,
    risk: risk.above,
    startHolds,
  });
  const below = !rising && held === undefined && shown && ours.length >= 2 ? 'below' : 'open';
  const all = countsOf(slots);
  const effect = designEffect(slots);
  const against = rising ? againstOf(pooled, slots) : undefined;
  const sinceMs = against?.sinceMs ?? beganMs;
  return {
    ...all,
    decision: isBlamed ? 'above' : below,
    interval: intervalOf(all, effect),
    designEffect: effect,
    missing: above || shown ? 0 : requestsMissing(ours, limit, widthMs, risk.below),
    against,
    rising,
    held,
    wellSinceMs: rising
      ? undefined
      : Math.max(beganMs, excusedMs ?? beganMs) + Math.max(0, nowMs - coveredMs),
    sampledMs: ours.map(({ atMs }) => atMs).slice(-samplesKept),
    where: above ? failingGroup(groups) : undefined,
    shared: above && !isBlamed ? sharedFailures(judged, control, { sinceMs, nowMs }) : undefined,
  };
}
