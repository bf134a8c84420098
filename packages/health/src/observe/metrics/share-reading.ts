import {
  describeCounter,
  findRequestCounters,
  isBadCode,
  isRefusal,
  requestCounterSelectors,
  type Growth,
  type PrometheusClient,
  type RequestCounter,
  type Series,
} from '@slipway/prometheus';
import { fillPlaceholders, type Assertion } from '../../judge/index.ts';
import type { ShareLook } from './metric-look.ts';
import type { MetricScope } from './metric-scope.ts';
import { createPlacedTracks, placed, type PlacedTracks } from './counting/placed-tracks.ts';
import {
  createRequestLedger,
  type Classified,
  type CountedRequests,
} from './counting/request-ledger.ts';

type Labels = Readonly<Record<string, string>>;

/** A share whose counters are to be read. */
export type ShareAssertion = Extract<Assertion, { kind: 'share' }>;

/** The built-in share: of failed requests, in counters that are found rather than named. */
export interface ErrorShare {
  /** Empty for the one that is found. */
  metric: string;
  /** Empty for the one that is found. */
  codeLabel: string;
  /** `5xx`, `429` or names of gRPC codes. */
  badCodes: readonly string[];
}

/** What came of one reading. */
export interface ShareReading {
  counted: CountedRequests;
  /** Counters that were read, for the log; empty where the user names them. */
  counters: readonly RequestCounter[];
  /** Series of the total in the last answer. */
  series: number;
  /** A label that `bad` asks for and no series has: the share would be 0 by mistake. */
  missingLabel: { label: string; has: readonly string[] } | undefined;
  /** Prometheus's own doubts, such as partial results. */
  warnings: readonly string[];
}

/** Reads one share piece by piece. */
export interface ShareReader {
  /** Throws PrometheusError. */
  read(look: ShareLook): Promise<ShareReading>;
}

function matcherLabels(selector: string): string[] {
  const inside = /\{([^}]*)\}/.exec(selector)?.[1] ?? '';
  return [...inside.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
}

function ownLabels(series: readonly Labels[], scope: MetricScope): string[] {
  const labels = new Set(series.flatMap((one) => Object.keys(one)));
  return [...labels].filter((name) => name !== '__name__' && !scope.targetLabels.has(name)).sort();
}

/** A reader of a share whose counters the user names. */
export function createShareReader(
  client: PrometheusClient,
  assertion: ShareAssertion,
  beganMs: number,
): ShareReader {
  const tracks = createPlacedTracks(beganMs);
  const ledger = createRequestLedger();
  return {
    read: async (look) => {
      const { scope } = look;
      const fill = (selector: string): string => fillPlaceholders(selector, scope.placeholders);
      const selectors = { total: fill(assertion.total), bad: fill(assertion.bad) };
      const range = tracks.range(look);
      const ask = (selector: string) => client.query(selector + range, { timeMs: look.atMs });
      const [all, failed] = await Promise.all([ask(selectors.total), ask(selectors.bad)]);
      const mine = ofPods(all.series, scope);
      const [growth = [], badGrowth = []] = tracks.grow(look, mine, ofPods(failed.series, scope));
      const series = mine.map(({ labels }) => labels);
      const warnings = [...all.warnings, ...failed.warnings];
      const metric = series[0]?.['__name__'] ?? '';
      const counter = describeCounter(metric, series, scope.targetLabels);
      const classify = (labels: Labels): Classified | undefined => {
        const place = placed(labels, scope);
        if (place === undefined) return undefined;
        // A counter of something else than requests holds none of ours.
        const route = counter === undefined ? metric : routeOf(labels, counter);
        return { ...place, route, kind: 'fine' };
      };
      ledger.add(growth, classify);
      ledger.addBad(badGrowth, classify);
      const has = ownLabels(series, scope);
      const known = new Set(series.flatMap((labels) => Object.keys(labels)));
      const label = matcherLabels(assertion.bad).find(
        (name) => name !== '__name__' && !known.has(name),
      );
      return {
        counted: ledger.counted(look.counted),
        counters: [],
        series: series.length,
        missingLabel: series.length > 0 && label !== undefined ? { label, has } : undefined,
        warnings,
      };
    },
  };
}

/** The series that are of the new pods. */
export function ofPods(series: readonly Series[], scope: MetricScope): Series[] {
  return series.filter(({ labels }) => scope.podOf(labels) !== undefined);
}

function routeOf(labels: Labels, { route }: RequestCounter): string | undefined {
  return route === undefined ? undefined : (labels[route] ?? '');
}

const hourMs = 3_600_000;
const mostSeries = 2_000;
const seekEveryMs = 30_000;

/** The counters by their names and labels among what the new pods export. Throws PrometheusError. */
async function findCounters(
  client: PrometheusClient,
  wanted: ErrorShare,
  { scope, atMs }: ShareLook,
): Promise<{ counters: readonly RequestCounter[]; series: readonly Labels[] }> {
  const selectors =
    wanted.metric === ''
      ? requestCounterSelectors(scope.matchers)
      : [`${wanted.metric}{${scope.matchers}}`];
  const range = { startMs: atMs - hourMs / 4, endMs: atMs, limit: mostSeries };
  const all = await client.series(selectors, range);
  const series = all.filter((labels) => scope.podOf(labels) !== undefined);
  const named = describeCounter(wanted.metric, series, scope.targetLabels);
  const found =
    wanted.metric === ''
      ? findRequestCounters(series, scope.targetLabels)
      : [named].filter((counter) => counter !== undefined);
  if (wanted.codeLabel === '') return { counters: found, series };
  const code = wanted.codeLabel;
  const has = series.some((labels) => labels[code] !== undefined);
  if (!has) return { counters: [], series };
  const first = found[0];
  const metric = wanted.metric === '' ? first?.metric : wanted.metric;
  if (metric === undefined) return { counters: [], series };
  const protocol = code.includes('grpc') ? ('grpc' as const) : ('http' as const);
  const plain = { route: undefined, only: undefined, by: 'the input code-label' };
  return { counters: [{ ...plain, ...first, metric, code, protocol }], series };
}

/** A reader of the share of failed requests in the counters that the new pods export. */
export function createErrorShareReader(
  client: PrometheusClient,
  wanted: ErrorShare,
  beganMs: number,
): ShareReader {
  const ledger = createRequestLedger();
  const tracks = new Map<string, PlacedTracks>();
  let counters: readonly RequestCounter[] = [];
  let soughtMs = -Infinity;

  const classifyBy =
    (counter: RequestCounter, scope: MetricScope) =>
    (labels: Growth['labels']): Classified | undefined => {
      const place = placed(labels, scope);
      const code = labels[counter.code] ?? '';
      if (place === undefined) return undefined;
      const { protocol } = counter;
      const isBad = isBadCode(code, wanted.badCodes, protocol);
      const refusal = isRefusal(code, protocol) ? 'refused' : 'fine';
      return { ...place, route: routeOf(labels, counter), kind: isBad ? 'bad' : refusal };
    };

  return {
    read: async (look) => {
      let missingLabel: ShareReading['missingLabel'];
      // The counter of the other protocol may be born with its first call.
      if (counters.length === 0 || look.atMs - soughtMs >= seekEveryMs) {
        const found = await findCounters(client, wanted, look);
        soughtMs = look.atMs;
        const known = new Set(counters.map(({ protocol }) => protocol));
        counters = [...counters, ...found.counters.filter(({ protocol }) => !known.has(protocol))];
        if (counters.length === 0 && found.series.length > 0)
          missingLabel = {
            label: wanted.codeLabel === '' ? 'code' : wanted.codeLabel,
            has: ownLabels(found.series, look.scope),
          };
      }
      const answers = await Promise.all(
        counters.map(async (counter) => {
          const { metric, only } = counter;
          const matchers = [look.scope.matchers, ...(only === undefined ? [] : [only])].join(',');
          const track = tracks.get(metric) ?? createPlacedTracks(beganMs);
          tracks.set(metric, track);
          const query = `${metric}{${matchers}}${track.range(look)}`;
          const { series, warnings } = await client.query(query, { timeMs: look.atMs });
          const mine = ofPods(series, look.scope);
          const [growth = []] = track.grow(look, mine);
          ledger.add(growth, classifyBy(counter, look.scope));
          return { series: mine, warnings };
        }),
      );
      return {
        counted: ledger.counted(look.counted),
        counters,
        series: answers.reduce((sum, { series }) => sum + series.length, 0),
        missingLabel,
        warnings: answers.flatMap(({ warnings }) => warnings),
      };
    },
  };
}
