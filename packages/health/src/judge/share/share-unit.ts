/** Requests of one pod between two scrapes: how many there were and how many of them failed. */
export interface ShareUnit {
  pod: string;
  /** When the scrape was, by the runner's clock in milliseconds. */
  atMs: number;
  /** When the scrape before it was, or when the pod began. */
  fromMs: number;
  total: number;
  bad: number;
  node?: string;
  /** The route, where the counter tells it: then a pod's scrape is several units, one for each. */
  route?: string;
}

/** A unit of which more than the limit may fail, for reasons that are not the release's. */
export interface ExcusedUnit extends ShareUnit {
  /** How many more of its requests than the limit allows; none when absent. */
  excused?: number;
}

/** A pod's start counts as long as this, also before the verification. */
export const startCountsMs = 60_000;
/**
 * A pod whose units begin longer than this before the verification is not new. Of pods that are not, at
 * least as much must be given: less would look like a start.
 */
const recentMs = 75_000;
/** As much from before the verification may be in its first scrape, beside that it is mostly of it. */
const overlapMs = 2_000;

/** The same with whole counts, and never more failed requests than there were. */
function sane(unit: ShareUnit): ShareUnit {
  const isWhole = Number.isInteger(unit.total) && Number.isInteger(unit.bad);
  if (isWhole && unit.bad >= 0 && unit.bad <= unit.total) return unit;
  const total = Math.max(0, Math.round(unit.total));
  return { ...unit, total, bad: Math.min(total, Math.max(0, Math.round(unit.bad))) };
}

/** What is judged, each in order of time. */
export interface JudgedUnits {
  /** Before the verification, from the first minute of pods that are new. */
  start: readonly ShareUnit[];
  /** More of whose time lies after the verification began than before. */
  verification: readonly ShareUnit[];
}

/**
 * Sorts out what says something about the release now. What a pod did before the verification, other
 * than its first minute after a recent start, neither excuses nor accuses it.
 */
export function judgedUnits(
  units: readonly ShareUnit[],
  time: { beganMs: number; nowMs: number },
): JudgedUnits {
  const born = new Map<string, number>();
  for (const { pod, fromMs } of units) {
    const known = born.get(pod);
    if (known === undefined || fromMs < known) born.set(pod, fromMs);
  }
  const start: ShareUnit[] = [];
  const verification: ShareUnit[] = [];
  for (const unit of units) {
    const { pod, fromMs, atMs } = unit;
    if (atMs > time.nowMs) continue;
    const bornMs = born.get(pod) ?? fromMs;
    const isNew = bornMs >= time.beganMs - recentMs;
    const isOurs = (fromMs + atMs) / 2 >= time.beganMs || fromMs > time.beganMs - overlapMs;
    if (isOurs && atMs > time.beganMs) verification.push(sane(unit));
    else if (isNew && atMs <= bornMs + startCountsMs) start.push(sane(unit));
  }
  const byTime = (a: ShareUnit, b: ShareUnit): number => a.atMs - b.atMs;
  return { start: start.sort(byTime), verification: verification.sort(byTime) };
}
