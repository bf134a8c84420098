import { evidenceAbove, type AboveEvidence } from './evidence-above.ts';
import { evidenceBelow, requestsMissing } from './evidence-below.ts';
import { failureLasts } from './lasting-failure.ts';
import { turnsLate } from './late-turn.ts';
import {
  failingGroup,
  groupEvidence,
  isGroupSuspected,
  pooledWeight,
  type ShareGroup,
} from './share-group.ts';
import { judgedUnits, type ShareUnit } from './share-unit.ts';
import { designEffect, slotWidthMs, timeSlots, type TimeSlot } from './time-slot.ts';
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
  /** How long requests must have been seen before a share is called below. */
  minSoakMs: number;
  risk?: ShareRisk;
}

/** What the requests so far say about their share. */
export interface ShareDecision {
  total: number;
  bad: number;
  decision: 'above' | 'below' | 'open';
  /**
   * The 95 % interval of the share, for people, as wide as the design effect makes it; the decision does
   * not rest on it.
   */
  interval: readonly [low: number, high: number];
  /** How many times the variance between scrapes is that of requests that fail each on its own. */
  designEffect: number;
  /** Further requests without a failure, coming as they did, that would make it `below`. */
  missing: number;
  /** Since when requests speak against the release, and which; undefined when none do. */
  against: { sinceMs: number; total: number; bad: number } | undefined;
  /** Evidence against is on the rise: nobody should pass the release now. */
  rising: boolean;
  /** Since when nothing speaks against the release; undefined when something does. */
  wellSinceMs: number | undefined;
  /** Up to when the requests of every pod are known. */
  coveredMs: number | undefined;
  /** The times of the last scrapes of the verification, oldest first; pods scraped together count once. */
  sampledMs: readonly number[];
  /** The pod, node or route to which the failures belong; undefined when they fail alike. */
  where: ShareGroup | undefined;
}

/** Evidence, as a natural logarithm, from which all requests together are suspected. */
const suspicious = 1;
const samplesKept = 20;

/** What is weighed: the units with what they say, and their part of the whole. */
interface Part {
  units: readonly ShareUnit[];
  evidence: AboveEvidence | undefined;
  logWeight: number;
}

/** Whether the average of all evidence is enough, counting failures that last. */
function isAbove(parts: readonly Part[], risk: number): boolean {
  const weighed = parts.map(({ evidence, logWeight }) => (evidence?.log ?? -Infinity) + logWeight);
  const sumOf = (which: (part: Part) => boolean): number =>
    parts.reduce((sum, part, index) => sum + (which(part) ? Math.exp(weighed[index] ?? 0) : 0), 0);
  if (sumOf(() => true) < 1 / risk) return false;
  const lasts = ({ units, evidence }: Part): boolean =>
    evidence !== undefined && failureLasts(units, evidence.since.fromMs);
  return sumOf(lasts) >= 1 / risk;
}

/** The last scrape of each pod that is still scraped. */
function lastScrapes(units: readonly ShareUnit[], widthMs: number): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const { pod, atMs } of units) last.set(pod, Math.max(atMs, last.get(pod) ?? 0));
  const newest = Math.max(...last.values());
  return new Map([...last].filter(([, atMs]) => newest - atMs <= 2.5 * widthMs));
}

function sum(slots: readonly TimeSlot[]): { total: number; bad: number } {
  return slots.reduce(
    (all, { total, bad }) => ({ total: all.total + total, bad: all.bad + bad }),
    { total: 0, bad: 0 },
  );
}

/**
 * Decides whether the share of failed requests is above or below the limit now. It may be asked at every
 * moment: the promises of evidenceAbove and evidenceBelow are about ever deciding wrongly. Above takes
 * failures in two scrapes that last six seconds; below takes requests of the whole soak, from two scrapes
 * at least, and no rise of what speaks against it, of all requests or of any pod, node or route.
 */
export function decideShare(
  units: readonly ShareUnit[],
  { limit, beganMs, nowMs, minSoakMs, risk = usualRisk }: ShareQuestion,
): ShareDecision {
  const { start, verification } = judgedUnits(units, { beganMs, nowMs });
  const judged = [...start, ...verification];
  const widthMs = slotWidthMs(judged);
  const grid = { originMs: beganMs, widthMs };
  const slots = timeSlots(judged, grid);
  const ours = timeSlots(verification, grid);
  const pooled = evidenceAbove(slots, limit, widthMs);
  const groups = groupEvidence(judged, limit, grid);

  const logWeight = groups.length === 0 ? 0 : Math.log(pooledWeight);
  const above = isAbove([{ units: judged, evidence: pooled, logWeight }, ...groups], risk.above);
  const last = lastScrapes(verification, widthMs);
  // A pod that has gone can no longer be cleared of a suspicion.
  const present = groups.filter(({ kind, name }) => kind !== 'pod' || last.has(name));
  const rising =
    above ||
    (pooled?.suspicion ?? 0) >= suspicious ||
    isGroupSuspected(present, limit) ||
    turnsLate(ours, limit);
  const coveredMs = last.size === 0 ? undefined : Math.min(...last.values());
  const soaked = coveredMs !== undefined && coveredMs - beganMs >= minSoakMs && ours.length >= 2;
  const shown = evidenceBelow(ours, limit, widthMs) >= -Math.log(risk.below);
  const within = !rising && soaked && shown ? 'below' : 'open';
  const decision = above ? 'above' : within;
  const all = sum(slots);
  const effect = designEffect(slots);
  return {
    ...all,
    decision,
    interval: wilsonInterval(all.bad / effect, all.total / effect),
    designEffect: effect,
    missing: above || shown ? 0 : requestsMissing(ours, limit, widthMs, risk.below),
    against:
      rising && pooled !== undefined
        ? {
            sinceMs: pooled.since.fromMs,
            total: pooled.since.total,
            bad: pooled.since.bad,
          }
        : undefined,
    rising,
    wellSinceMs: rising ? undefined : beganMs,
    coveredMs,
    sampledMs: ours.map(({ atMs }) => atMs).slice(-samplesKept),
    where: above ? failingGroup(groups) : undefined,
  };
}
