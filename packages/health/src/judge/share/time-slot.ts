import type { ExcusedUnit, ShareUnit } from './share-unit.ts';

/** Requests that were scraped within the same few seconds. */
export interface TimeSlot {
  fromMs: number;
  /** The last scrape in it. */
  atMs: number;
  total: number;
  bad: number;
  /** How many more requests than the limit allows may fail, see ExcusedUnit. */
  excused: number;
}

/** A burst of errors is one event, however often it is scraped while it lasts. */
const shortestSlotMs = 2_000;

/** The time between two scrapes of the pod that is scraped least often, in milliseconds. */
export function scrapeIntervalMs(units: readonly ShareUnit[]): number {
  const spans = new Map<string, Set<number>>();
  for (const { pod, fromMs, atMs } of units) {
    const known = spans.get(pod);
    if (known === undefined) spans.set(pod, new Set([atMs - fromMs]));
    else known.add(atMs - fromMs);
  }
  let longest = 0;
  for (const known of spans.values()) {
    const sorted = [...known].sort((a, b) => a - b);
    longest = Math.max(longest, sorted[Math.floor((sorted.length - 1) / 2)] ?? 0);
  }
  return longest;
}

/** How long a slot is, so that each holds about one scrape of every pod. */
export function slotWidthMs(units: readonly ShareUnit[]): number {
  return Math.max(shortestSlotMs, Math.round(scrapeIntervalMs(units) / 100) * 100);
}

/** The slots of `units`, both in order of time; without those that hold no request. */
export function timeSlots(
  units: readonly ExcusedUnit[],
  grid: { originMs: number; widthMs: number },
): TimeSlot[] {
  const slots: TimeSlot[] = [];
  let slot: TimeSlot | undefined;
  let endMs = Number.NEGATIVE_INFINITY;
  for (const { fromMs, atMs, total, bad, excused = 0 } of units) {
    if (total === 0) continue;
    if (slot === undefined || atMs >= endMs) {
      slot = { fromMs, atMs, total, bad, excused };
      slots.push(slot);
      const index = Math.floor((atMs - grid.originMs) / grid.widthMs);
      endMs = grid.originMs + (index + 1) * grid.widthMs;
      continue;
    }
    slot.fromMs = Math.min(slot.fromMs, fromMs);
    slot.atMs = atMs;
    slot.total += total;
    slot.bad += bad;
    slot.excused += excused;
  }
  return slots;
}

/** How many times the variance between slots is that of requests that fail each on its own; 1 at least. */
export function designEffect(slots: readonly TimeSlot[]): number {
  const total = slots.reduce((sum, slot) => sum + slot.total, 0);
  const bad = slots.reduce((sum, slot) => sum + slot.bad, 0);
  if (slots.length < 2 || bad === 0 || bad === total) return 1;
  const share = bad / total;
  const squares = slots.reduce(
    (sum, slot) => sum + (slot.bad - slot.total * share) ** 2 / (slot.total * share * (1 - share)),
    0,
  );
  return Math.max(1, squares / (slots.length - 1));
}
