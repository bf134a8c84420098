import type { OwnRequests } from './own-requests.ts';

/** Growth of one pod's counters from scrape to scrape, in order of time. */
export interface Stretch {
  fromMs: number;
  atMs: number;
  total: number;
  bad: number;
}

/** Requests that are left, and how many were taken out of each stretch. */
export interface LeftOver<T extends Stretch> {
  stretches: readonly T[];
  leftOut: number;
  /** Whose they were. */
  whose: readonly string[];
}

/** The kubelet's ticks and ours are a little slower than their period says. */
const slack = 0.85;
/** A request of each kind may lie on the other side of a scrape, at both ends. */
const perKind = 2;
/** More kinds of paths are taken together: subsets double with each. */
const mostPaths = 8;

/** Requests by path: a service counts a path or it does not, whoever asks it. */
function byPath(own: readonly OwnRequests[]): OwnRequests[][] {
  const groups = [...Map.groupBy(own, ({ path }) => path).values()];
  if (groups.length <= mostPaths) return groups;
  return [...groups.slice(0, mostPaths - 1), groups.slice(mostPaths - 1).flat()];
}

const sumOf = (own: readonly OwnRequests[], { fromMs, atMs }: Stretch): number =>
  own.reduce((sum, { count }) => sum + count(fromMs, atMs), 0);

function subsets<T>(all: readonly T[]): T[][] {
  return all.reduce<T[][]>((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]]);
}

/**
 * Whether the counters can hold these requests: in no run of stretches did they grow by clearly less
 * than what was sent. The largest fall of the running difference is the worst of all runs.
 */
function fits(sent: readonly number[], stretches: readonly Stretch[], kinds: number): boolean {
  let difference = 0;
  let top = 0;
  return stretches.every(({ total }, index) => {
    difference += total - slack * (sent[index] ?? 0);
    top = Math.max(top, difference);
    return top - difference <= perKind * kinds;
  });
}

/**
 * What an earlier verification may have sent in a stretch that had begun before this one did. Of stretches
 * that were over by then nothing is taken: they cannot speak for the release.
 */
function mayBeOfEarlier(own: readonly OwnRequests[], { fromMs, atMs }: Stretch): number {
  const before = own.reduce((sum, one) => sum + (one.before?.(fromMs, atMs) ?? 0), 0);
  const since = own.reduce((sum, one) => sum + (one.before?.(atMs, atMs + 1) ?? 0), 0);
  return since > 0 ? 0 : before;
}

function without<T extends Stretch>(
  stretches: readonly T[],
  sent: readonly number[],
  own: readonly OwnRequests[],
): { stretches: T[]; leftOut: number } {
  let owed = perKind * own.length;
  let leftOut = 0;
  const rest = stretches.map((stretch, index) => {
    owed += sent[index] ?? 0;
    // Probes of a pod that serves succeed: what failed was somebody else's.
    const fine = Math.max(0, stretch.total - stretch.bad);
    const taken = Math.min(Math.floor(owed), fine);
    owed -= taken;
    const earlier = Math.min(Math.ceil(mayBeOfEarlier(own, stretch)), fine - taken);
    leftOut += taken + earlier;
    return { ...stretch, total: stretch.total - taken - earlier };
  });
  return { stretches: rest, leftOut };
}

/**
 * Takes known requests out of counters that do not say which they counted. Which paths a service counts
 * is found by what fits: of all sets of paths, the one with the most requests that the growth can hold.
 * A service whose users ask it more often than we do loses as many of theirs; one that nobody else asks
 * has nothing left.
 */
export function withoutOwn<T extends Stretch>(
  stretches: readonly T[],
  own: readonly OwnRequests[],
): LeftOver<T> {
  const paths = byPath(own).map((kinds) => ({
    kinds,
    sent: stretches.map((stretch) => sumOf(kinds, stretch)),
  }));
  const candidates = subsets(paths)
    .map((set) => ({
      kinds: set.flatMap(({ kinds }) => kinds),
      sent: stretches.map((_, index) => set.reduce((sum, one) => sum + (one.sent[index] ?? 0), 0)),
    }))
    .map((set) => ({ ...set, all: set.sent.reduce((sum, count) => sum + count, 0) }))
    .sort((a, b) => b.all - a.all);
  const counted = candidates.find(({ sent, kinds }) => fits(sent, stretches, kinds.length));
  if (counted === undefined || counted.all === 0) return { stretches, leftOut: 0, whose: [] };
  const whose = [...new Set(counted.kinds.map(({ who }) => who))];
  return { ...without(stretches, counted.sent, counted.kinds), whose };
}
