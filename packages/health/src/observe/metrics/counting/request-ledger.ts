import { chooseSets, type Growth, type SeriesSet } from '@slipway/prometheus';
import type { PodUnit } from '../../../findings/index.ts';
import { withoutOwn, type Stretch } from './left-out.ts';
import { isCollapsedRoute, isOwnRoute, isSamePath, type OwnRequests } from './own-requests.ts';

/** How the labels of a counter are read. */
export interface Classified {
  pod: string;
  /** The series set, see seriesSetName. */
  set: string;
  /** Undefined where the counter has no such label. */
  route: string | undefined;
  kind: 'fine' | 'bad' | 'refused';
}

interface Counts {
  total: number;
  bad: number;
  /** Answered with 4xx. */
  refused: number;
}

interface Scrape {
  fromMs: number;
  atMs: number;
  routes: Map<string, Counts>;
}

/** What a pod is, as far as counting needs it. Times of Prometheus's clock. */
export interface CountedPod {
  name: string;
  node: string | undefined;
  /** Requests count from here on; undefined while it never was. */
  readyMs: number | undefined;
  own: readonly OwnRequests[];
}

/** Requests by route, of all pods since they were ready. */
export type RouteTotals = ReadonlyMap<string, Counts>;

/** What is left of the counters when all that is not the users' is taken out. */
export interface CountedRequests {
  /** Times of Prometheus's clock, in order. */
  units: readonly PodUnit[];
  routes: RouteTotals;
  leftOut: number;
  /** Whose requests were left out, and how they were told from others. */
  whose: readonly string[];
  /** Series sets of one pod that were not counted, for it counts once: chosen, and all. */
  chosen: readonly { pod: string; set: string; of: readonly string[] }[];
}

/** Collects the growth of the counters of one share by pod, series set, scrape and route. */
export interface RequestLedger {
  /** `total` growth, of a kind; `bad` growth comes apart where its own selector tells it. */
  add(
    growth: readonly Growth[],
    classify: (labels: Growth['labels']) => Classified | undefined,
  ): void;
  addBad(
    growth: readonly Growth[],
    classify: (labels: Growth['labels']) => Classified | undefined,
  ): void;
  counted(pods: readonly CountedPod[]): CountedRequests;
}

/** More routes are taken together. */
const mostRoutes = 40;
const otherRoutes = 'other routes';
/** The counter has no label for routes: probes may be among it. */
const noRoute = '';
const scrapesKept = 2_000;

const keyOf = (pod: string, set: string): string => JSON.stringify([pod, set]);

/** A ledger without entries. */
export function createRequestLedger(): RequestLedger {
  const books = new Map<string, { pod: string; set: string; scrapes: Map<number, Scrape> }>();
  const routes = new Set<string>();

  const countsOf = (growth: Growth, { pod, set, route }: Classified): Counts => {
    const key = keyOf(pod, set);
    const book = books.get(key) ?? { pod, set, scrapes: new Map<number, Scrape>() };
    books.set(key, book);
    const { fromMs, atMs } = growth;
    const scrape = book.scrapes.get(atMs) ?? { fromMs, atMs, routes: new Map<string, Counts>() };
    scrape.fromMs = Math.max(scrape.fromMs, growth.fromMs);
    book.scrapes.set(growth.atMs, scrape);
    if (book.scrapes.size > scrapesKept) book.scrapes.delete(Math.min(...book.scrapes.keys()));
    const named = route ?? noRoute;
    if (routes.size < mostRoutes) routes.add(named);
    const place = routes.has(named) ? named : otherRoutes;
    const counts = scrape.routes.get(place) ?? { total: 0, bad: 0, refused: 0 };
    if (growth.by > 0) scrape.routes.set(place, counts);
    return counts;
  };

  return {
    add: (growth, classify) => {
      for (const one of growth) {
        const classified = classify(one.labels);
        if (classified === undefined) continue;
        const counts = countsOf(one, classified);
        counts.total += one.by;
        if (classified.kind === 'bad') counts.bad += one.by;
        if (classified.kind === 'refused') counts.refused += one.by;
      }
    },
    addBad: (growth, classify) => {
      for (const one of growth) {
        const classified = classify(one.labels);
        if (classified !== undefined) countsOf(one, classified).bad += one.by;
      }
    },
    counted: (pods) => {
      const sets = [...books.values()].map(({ pod, set, scrapes }): SeriesSet => ({
        pod,
        name: set,
        scrapes: scrapes.size,
        total: [...scrapes.values()].reduce((sum, scrape) => sum + totalOf(scrape), 0),
      }));
      const chosen = chooseSets(sets);
      const parts = pods.map((pod) => {
        const set = chosen.get(pod.name);
        const book = set === undefined ? undefined : books.get(keyOf(pod.name, set));
        const scrapes = [...(book?.scrapes.values() ?? [])].sort((a, b) => a.atMs - b.atMs);
        return countPod(pod, scrapes);
      });
      return {
        units: parts.flatMap(({ units }) => units).sort((a, b) => a.atMs - b.atMs),
        routes: sumRoutes(parts),
        leftOut: parts.reduce((sum, { leftOut }) => sum + leftOut, 0),
        whose: [...new Set(parts.flatMap(({ whose }) => whose))],
        chosen: pods.flatMap(({ name }) => {
          const of = sets.filter(({ pod }) => pod === name).map((set) => set.name);
          return of.length > 1 ? [{ pod: name, set: chosen.get(name) ?? '', of }] : [];
        }),
      };
    },
  };
}

function totalOf({ routes }: Scrape): number {
  return [...routes.values()].reduce((sum, { total }) => sum + total, 0);
}

interface CountedPart {
  units: PodUnit[];
  leftOut: number;
  whose: string[];
  routes: RouteTotals;
}

function sumRoutes(parts: readonly CountedPart[]): RouteTotals {
  const sums = new Map<string, Counts>();
  for (const [route, { total, bad, refused }] of parts.flatMap((part) => [...part.routes])) {
    const sum = sums.get(route) ?? { total: 0, bad: 0, refused: 0 };
    sums.set(route, {
      total: sum.total + total,
      bad: sum.bad + bad,
      refused: sum.refused + refused,
    });
  }
  return sums;
}

/** Requests of one route between two scrapes. */
interface RouteStretch extends Stretch {
  refused: number;
}

const whole = (counts: Counts): Counts => {
  const total = Math.round(counts.total);
  const bad = Math.min(total, Math.round(counts.bad));
  return { total, bad, refused: Math.min(total - bad, Math.round(counts.refused)) };
};

function stretchesOf(scrapes: readonly Scrape[], route: string): RouteStretch[] {
  const none: Counts = { total: 0, bad: 0, refused: 0 };
  return scrapes.map(({ fromMs, atMs, routes }) => ({
    fromMs,
    atMs,
    ...whole(routes.get(route) ?? none),
  }));
}

/** The scrapes since a pod was ready; of the first, the probes that failed before it was are taken out. */
function sinceReady(
  stretches: readonly RouteStretch[],
  readyMs: number,
  own: readonly OwnRequests[],
): RouteStretch[] {
  return stretches
    .filter(({ atMs }) => atMs > readyMs)
    .map((stretch) => {
      if (stretch.fromMs >= readyMs) return stretch;
      const { fromMs, total, bad } = stretch;
      const asked = own.reduce((sum, { count }) => sum + count(fromMs, readyMs), 0);
      const refused = Math.min(bad, Math.ceil(asked));
      return { ...stretch, fromMs: readyMs, total: total - refused, bad: bad - refused };
    });
}

function countPod(pod: CountedPod, scrapes: readonly Scrape[]): CountedPart {
  const part: CountedPart = { units: [], leftOut: 0, whose: [], routes: new Map() };
  const { name, node, readyMs, own } = pod;
  if (readyMs === undefined) return part;
  const routes = new Map<string, Counts>();
  const names = new Set(scrapes.flatMap((scrape) => [...scrape.routes.keys()]));
  // What has a route of its own is in no other.
  const unnamed = own.filter(({ path }) => ![...names].some((route) => isSamePath(route, path)));
  for (const route of names) {
    const among = isCollapsedRoute(route)
      ? unnamed
      : own.filter(({ path }) => isSamePath(route, path));
    const all = sinceReady(stretchesOf(scrapes, route), readyMs, among);
    if (route !== noRoute && isOwnRoute(route, own)) {
      part.leftOut += all.reduce((sum, { total }) => sum + total, 0);
      part.whose.push(`route ${route}`);
      continue;
    }
    const rest = withoutOwn(all, among);
    part.leftOut += rest.leftOut;
    part.whose.push(...rest.whose);
    const sum: Counts = { total: 0, bad: 0, refused: 0 };
    for (const { fromMs, atMs, total, bad, refused } of rest.stretches) {
      if (total === 0) continue;
      sum.total += total;
      sum.bad += bad;
      sum.refused += Math.min(refused, total - bad);
      part.units.push({
        pod: name,
        fromMs,
        atMs,
        total,
        bad,
        ...(node === undefined ? {} : { node }),
        ...(route === noRoute ? {} : { route }),
      });
    }
    routes.set(route, sum);
  }
  part.routes = routes;
  return part;
}
