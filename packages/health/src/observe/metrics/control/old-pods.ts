import type { PodRecord } from '@slipway/rollout';

/** Pods of earlier revisions, as far as they are asked about. Times of the runner's clock. */
export interface OldPods {
  /** Those that serve, or did so a moment ago. */
  asked(nowMs: number, scraped: (pod: string) => boolean): readonly PodRecord[];
  /** Adds pods that were gone before `earlier` could tell them. */
  remember(gone: readonly PodRecord[]): void;
  /** Since when a pod is to leave: what it answers from then on is no comparison. */
  leftMs(pod: string): number | undefined;
}

/** The last scrapes of a pod that is gone come within this. */
const afterGoneMs = 60_000;
/** A pod that was not scraped within this is not asked about any more. */
const scrapedWithinMs = 45_000;
const mostAsked = 50;
/** A pod is told to leave so long before it is to be gone, unless it says otherwise. */
const usualGraceMs = 30_000;

interface Known {
  firstMs: number;
  leftMs: number | undefined;
  goneMs: number | undefined;
}

const nameOf = ({ pod }: PodRecord): string => pod.metadata?.name ?? '';

/** Since when it has been leaving, of a pod that is seen to do so for the first time. */
function leavingSince({ pod }: PodRecord, nowMs: number): number {
  const goneByMs = Date.parse(pod.metadata?.deletionTimestamp ?? '');
  return Number.isNaN(goneByMs) ? nowMs : Math.min(nowMs, goneByMs - usualGraceMs);
}

/** Follows the pods of earlier revisions that `earlier` gives, those that are gone included. */
export function createOldPods(earlier: () => readonly PodRecord[]): OldPods {
  const known = new Map<string, Known>();
  let remembered: readonly PodRecord[] = [];

  const note = (record: PodRecord, nowMs: number): Known => {
    const name = nameOf(record);
    const before = known.get(name);
    const leftMs = before?.leftMs ?? (record.leaving ? leavingSince(record, nowMs) : undefined);
    const goneMs = before?.goneMs ?? (record.gone ? nowMs : undefined);
    const now = { firstMs: before?.firstMs ?? nowMs, leftMs, goneMs };
    known.set(name, now);
    return now;
  };

  return {
    remember: (gone) => {
      const seen = new Set(earlier().map(nameOf));
      remembered = gone.filter((record) => !seen.has(nameOf(record)));
    },
    asked: (nowMs, scraped) =>
      [...earlier(), ...remembered]
        .filter((record) => {
          const { firstMs, goneMs } = note(record, nowMs);
          const isLost = !scraped(nameOf(record)) && nowMs - firstMs > scrapedWithinMs;
          return !isLost && (goneMs === undefined || nowMs - goneMs < afterGoneMs);
        })
        .slice(0, mostAsked),
    leftMs: (pod) => known.get(pod)?.leftMs,
  };
}
