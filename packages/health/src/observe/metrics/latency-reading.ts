import {
  findLatencyHistogram,
  latencySelectors,
  slowRequests,
  type LatencyHistogram,
  type PrometheusClient,
  type SlowRequests,
} from '@slipway/prometheus';
import type { Log } from '@slipway/runtime';
import { settlesAfterMs, type LatencyCheck } from '../../findings/index.ts';
import type { MaxLatency } from '../../judge/index.ts';
import type { MetricLook } from './metric-look.ts';
import { createPlacedTracks, placed } from './counting/placed-tracks.ts';
import {
  createRequestLedger,
  type Classified,
  type CountedRequests,
} from './counting/request-ledger.ts';
import { controlOf, createControlReader } from './control/index.ts';
import { byOurClock, leftOutText } from './share-check.ts';
import { ofPods } from './share-reading.ts';

const quarterMs = 900_000;
const mostSeries = 5_000;

/** The name of the built-in check of latency. */
export const latencyName = 'latency';

async function findHistogram(
  client: PrometheusClient,
  { scope, atMs }: MetricLook,
): Promise<LatencyHistogram | undefined> {
  const range = { startMs: atMs - quarterMs, endMs: atMs, limit: mostSeries };
  const all = await client.series(latencySelectors(scope.matchers), range);
  return findLatencyHistogram(
    all.filter((labels) => scope.podOf(labels) !== undefined),
    scope.targetLabels,
  );
}

/** The two bounds beside the limit, as their labels are written, and the whole: no other is read. */
function boundTexts({ bounds, perSecond }: LatencyHistogram, limitSeconds: number): string[] {
  const limit = limitSeconds * perSecond;
  const numbers = bounds
    .map((text) => ({ text, bound: text === '+Inf' ? Infinity : Number(text) }))
    .sort((a, b) => a.bound - b.bound);
  const low = numbers.findLast(({ bound }) => bound <= limit);
  const high = numbers.find(({ bound }) => bound >= limit);
  return [...new Set([low?.text, high?.text, '+Inf'].filter((text) => text !== undefined))];
}

function queryOf(histogram: LatencyHistogram, limitSeconds: number, matchers: string): string {
  const { metric, kind, only } = histogram;
  const all = [matchers, ...(only === undefined ? [] : [only])].join(',');
  if (kind === 'native') return `${metric}{${all}}`;
  const pattern = boundTexts(histogram, limitSeconds)
    .map((text) => text.replace(/[+.]/g, '\\\\$&'))
    .join('|');
  return `${metric}_bucket{${all},le=~"${pattern}"}`;
}

/** What the buckets of some pods say. */
interface SlowReading {
  surely: CountedRequests;
  perhaps: CountedRequests;
  /** On both sides of the limit, in seconds. */
  bounds: readonly [number, number];
  warnings: readonly string[];
}

/** Reads the requests of some pods that were slower than a limit; undefined while there is no histogram. */
function createSlowReader(
  { client, beganMs }: { client: PrometheusClient; beganMs: number },
  limitSeconds: number,
  onFound: (histogram: LatencyHistogram) => void,
): (look: MetricLook) => Promise<SlowReading | undefined> {
  const tracks = createPlacedTracks(beganMs);
  const ledgers = { surely: createRequestLedger(), perhaps: createRequestLedger() };
  let histogram: LatencyHistogram | undefined;

  const add = (slow: SlowRequests, look: MetricLook, route: string | undefined): void => {
    const { scope } = look;
    const classify = (labels: Readonly<Record<string, string>>): Classified | undefined => {
      const place = placed(labels, scope);
      const named = route === undefined ? undefined : (labels[route] ?? '');
      return place === undefined ? undefined : { ...place, route: named, kind: 'fine' };
    };
    const series = [slow.total, slow.surely, slow.perhaps].map((all) => ofPods(all, scope));
    const [total = [], surely = [], perhaps = []] = series;
    const [all = [], sure = [], maybe = []] = tracks.grow(look, total, surely, perhaps);
    ledgers.surely.add(all, classify);
    ledgers.surely.addBad(sure, classify);
    ledgers.perhaps.add(all, classify);
    ledgers.perhaps.addBad(maybe, classify);
  };

  return async (look) => {
    if (histogram === undefined) {
      histogram = await findHistogram(client, look);
      if (histogram === undefined) return undefined;
      onFound(histogram);
    }
    const { perSecond, route } = histogram;
    const query = queryOf(histogram, limitSeconds, look.scope.matchers) + tracks.range(look);
    const answer = await client.query(query, { timeMs: look.atMs });
    const slow = slowRequests(answer, limitSeconds * perSecond);
    add(slow, look, route);
    const [low, high] = slow.bounds;
    return {
      surely: ledgers.surely.counted(look.counted),
      perhaps: ledgers.perhaps.counted(look.counted),
      bounds: [low / perSecond, high / perSecond],
      warnings: answer.warnings,
    };
  };
}

/** The slow requests of pods of earlier revisions. */
type SlowControl = Pick<LatencyCheck, 'controlSurely' | 'controlPerhaps'>;

/**
 * Reads how many requests were slower than a limit, again and again. `timedElsewhere`: requests of our own
 * are timed by the same limit.
 */
export function createLatencyReader(
  ports: { client: PrometheusClient; log: Log; beganMs: number },
  { text, share, limitSeconds }: MaxLatency,
  timedElsewhere: boolean,
) {
  const { log } = ports;
  const readSlow = createSlowReader(ports, limitSeconds, ({ metric, kind }) =>
    log.info(`latency: by ${metric} (${kind} histogram).`),
  );
  const readOld = createSlowReader(ports, limitSeconds, () => undefined);
  const noControl: SlowControl = { controlSurely: [], controlPerhaps: [] };
  const readControl = createControlReader(noControl, async (old) => {
    const slow = await readOld(old);
    if (slow === undefined) return noControl;
    return {
      controlSurely: controlOf(slow.surely, old),
      controlPerhaps: controlOf(slow.perhaps, old),
    };
  });
  let missingSinceMs: number | undefined;
  const empty: LatencyCheck = {
    kind: 'latency',
    name: latencyName,
    text,
    share,
    limitSeconds,
    bounds: undefined,
    surely: [],
    perhaps: [],
    controlSurely: [],
    controlPerhaps: [],
    missing: undefined,
    warnings: [],
    leftOut: '',
    ...(timedElsewhere ? { timedElsewhere } : {}),
  };

  const missing = ({ nowMs, scope, scrapedTwice }: MetricLook): LatencyCheck => {
    missingSinceMs ??= nowMs;
    const lasted = nowMs - missingSinceMs >= settlesAfterMs(scope.intervalMs);
    const why =
      'the new pods export no histogram of request durations that is known (http_request_duration_seconds, http_server_request_duration_seconds, grpc_server_handling_seconds and their like)';
    return { ...empty, missing: { why, settled: scrapedTwice && lasted } };
  };

  return {
    name: latencyName,
    empty,
    /** Throws PrometheusError. */
    read: async (look: MetricLook): Promise<LatencyCheck> => {
      const [slow, control] = await Promise.all([readSlow(look), readControl(look)]);
      if (slow === undefined) return missing(look);
      const { surely, perhaps, bounds, warnings } = slow;
      return {
        ...empty,
        ...control,
        surely: byOurClock(surely, look),
        perhaps: byOurClock(perhaps, look),
        bounds,
        warnings,
        leftOut: leftOutText(surely),
      };
    },
  };
}
