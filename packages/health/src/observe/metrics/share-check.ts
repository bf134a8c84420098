import type { PrometheusClient } from '@slipway/prometheus';
import { count, type Log } from '@slipway/runtime';
import {
  settlesAfterMs,
  type Missing,
  type PodUnit,
  type ShareCheck,
} from '../../findings/index.ts';
import type { Requirement } from '../../judge/index.ts';
import { explainAbsence } from './absence.ts';
import { controlOf, createControlReader } from './control/index.ts';
import type { MetricLook } from './metric-look.ts';
import type { CountedRequests } from './counting/request-ledger.ts';
import type { ShareReader, ShareReading } from './share-reading.ts';
import { missingFrom } from './value-reading.ts';

/** Whose requests were left out, as a sentence. */
export function leftOutText({ leftOut, whose }: CountedRequests): string {
  if (leftOut === 0) return '';
  return `left out ${count(leftOut, 'request')} that no user sent (${whose.join(', ')})`;
}

/** Units with times of the runner's clock. */
export function byOurClock({ units }: CountedRequests, { aheadMs }: MetricLook): PodUnit[] {
  const ours = (ms: number): number => Math.round(ms - aheadMs);
  return units.map((unit) => ({ ...unit, fromMs: ours(unit.fromMs), atMs: ours(unit.atMs) }));
}

const routesTold = 40;

function routesOf({ routes }: CountedRequests): ShareCheck['routes'] {
  return [...routes]
    .map(([route, { total, refused }]) => ({ route, total, refused }))
    .sort((a, b) => b.total - a.total)
    .slice(0, routesTold);
}

/** Says once which counters are read, and which of several copies of them. */
function createTeller(name: string, log: Log): (reading: ShareReading) => void {
  let toldCounters = '';
  let toldSets = '';
  return ({ counters, counted }) => {
    const found = counters
      .map(({ metric, by, code, route }) => {
        const labels = [`code in ${code}`, ...(route === undefined ? [] : [`route in ${route}`])];
        return `${metric} (${by}; ${labels.join(', ')})`;
      })
      .join(' and ');
    if (found !== '' && found !== toldCounters) log.info(`${name}: counted by ${found}.`);
    toldCounters = found === '' ? toldCounters : found;
    const [first] = counted.chosen;
    if (first === undefined) return;
    const sets = `${name}: ${first.of.length} series sets know pod/${first.pod}; it is counted once, by ${first.set}.`;
    if (sets !== toldSets) log.info(sets);
    toldSets = sets;
  };
}

/** Reads one share again and again. `total` is what a user would ask Prometheus for. */
export function createShareCheck(
  ports: { client: PrometheusClient; log: Log },
  share: {
    name: string;
    must: Requirement;
    reader: ShareReader;
    /** The same for pods of earlier revisions. */
    oldReader: ShareReader;
    total: string | undefined;
  },
) {
  const { client, log } = ports;
  const { name, must, reader, oldReader, total } = share;
  const readControl = createControlReader<readonly PodUnit[]>([], async (old) =>
    controlOf((await oldReader.read(old)).counted, old),
  );
  const tell = createTeller(name, log);
  let since: { why: string; sinceMs: number } | undefined;

  const missingHere = (why: string, look: MetricLook): Missing => {
    since = since?.why === why ? since : { why, sinceMs: look.nowMs };
    const forMs = look.nowMs - since.sinceMs;
    return { why, settled: look.scrapedTwice && forMs >= settlesAfterMs(look.scope.intervalMs) };
  };

  const missingOf = async (
    reading: ShareReading,
    look: MetricLook,
  ): Promise<Missing | undefined> => {
    if (reading.missingLabel !== undefined) {
      const { label, has } = reading.missingLabel;
      const why = `the counters of the new pods have no label "${label}", only ${has.join(', ') || 'those of the target'}`;
      return missingHere(why, look);
    }
    if (reading.series > 0) {
      since = undefined;
      return undefined;
    }
    if (total === undefined)
      return missingHere(
        'the new pods export no counter of requests with a code that is known (http_requests_total, http_server_request_duration_seconds_count, grpc_server_handled_total and their like)',
        look,
      );
    const absence = await explainAbsence(client, total, look.scope, look.atMs);
    const missing = missingFrom(absence, since, look);
    since = missing.since;
    return { why: absence.why, settled: missing.settled };
  };

  return {
    /** Throws PrometheusError. */
    read: async (look: MetricLook): Promise<ShareCheck> => {
      const [reading, control] = await Promise.all([reader.read(look), readControl(look)]);
      const { counted } = reading;
      tell(reading);
      return {
        kind: 'share',
        name,
        must,
        units: byOurClock(counted, look),
        missing: await missingOf(reading, look),
        warnings: reading.warnings,
        leftOut: leftOutText(counted),
        routes: routesOf(counted),
        control,
      };
    },
  };
}
