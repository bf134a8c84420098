import {
  describeCounter,
  findLatencyHistogram,
  findRequestCounters,
  latencySelectors,
  requestCounterSelectors,
  type PrometheusClient,
} from '@slipway/prometheus';
import type { Assertion, MaxLatency } from '../judge/index.ts';
import { warning, type Advice } from './advice.ts';
import { assertionAdvice } from './assertion-advice.ts';
import { bucketAdvice } from './bucket-advice.ts';
import type { TypeOf } from './expression.ts';
import { findRunningPods, type LintedWorkload, type RunningPods } from './running-pods.ts';
import { typesOf } from './metric-types.ts';
import { failureAdvice, selectorAdvice } from './selector-advice.ts';
import { trafficAdvice, windowAdvice, type Windows } from './window-advice.ts';

/** What a verification would be asked for. Durations in milliseconds. */
export interface LintRequest {
  /** Undefined where metrics are no part of it. */
  client: PrometheusClient | undefined;
  workload: LintedWorkload;
  errorShare: { metric: string; must: { limit: number } } | undefined;
  maxLatency: MaxLatency | undefined;
  assertions: readonly Assertion[];
  /** Requests of its own are sent: users' need not suffice. */
  sendsTraffic: boolean;
  minSoakMs: number;
  deadlineMs: number;
}

const tenMinutesMs = 600_000;
const mostSeries = 2_000;

/** What is asked of the pods that run now. */
interface Asking {
  client: PrometheusClient;
  running: RunningPods;
  request: LintRequest;
  windows: Windows;
  atMs: number;
}

const nameOf = (labels: Readonly<Record<string, string>>): string => labels['__name__'] ?? '';

async function errorShareAdvice(asking: Asking): Promise<readonly Advice[]> {
  const { client, running, request, windows, atMs } = asking;
  const { errorShare, sendsTraffic } = request;
  if (errorShare === undefined) return [];
  const { matchers, targetLabels } = running;
  const { metric } = errorShare;
  const selectors = metric === '' ? requestCounterSelectors(matchers) : [`${metric}{${matchers}}`];
  const range = { startMs: atMs - tenMinutesMs, endMs: atMs, limit: mostSeries };
  const series = await client.series(selectors, range);
  const named = describeCounter(metric, series, targetLabels);
  const counter = metric === '' ? findRequestCounters(series, targetLabels)[0] : named;
  const found = counter?.metric ?? series.map(nameOf)[0];
  if (found === undefined)
    return [
      warning(
        'error-share',
        'the pods that run now export no counter of requests that is known',
        'Set requests-metric and code-label, or leave error-share out of built-in.',
      ),
    ];
  const grown = await client.query(`sum(increase(${found}{${matchers}}[600s]))`, { timeMs: atMs });
  const requests = grown.series[0]?.points.at(-1)?.value ?? 0;
  const shares = [{ name: 'error-share', limit: errorShare.must.limit }];
  const perSecond = Number.isFinite(requests) ? requests / (tenMinutesMs / 1000) : 0;
  return sendsTraffic ? [] : trafficAdvice({ ...windows, shares }, perSecond);
}

async function latencyAdvice({
  client,
  running,
  request,
  atMs,
}: Asking): Promise<readonly Advice[]> {
  const { maxLatency, sendsTraffic } = request;
  if (maxLatency === undefined) return [];
  const range = { startMs: atMs - tenMinutesMs, endMs: atMs, limit: mostSeries };
  const series = await client.series(latencySelectors(running.matchers), range);
  const histogram = findLatencyHistogram(series, running.targetLabels);
  if (histogram !== undefined) return bucketAdvice(histogram, maxLatency);
  // Then requests of its own are timed.
  if (sendsTraffic) return [];
  return [
    warning(
      'max-latency',
      'the pods that run now export no histogram of request durations that is known',
      'Set traffic, whose answers are timed, write an assertion with the histogram of the service, or leave max-latency empty.',
    ),
  ];
}

/** The shares that a verification has to show. */
function sharesOf({ errorShare, maxLatency, assertions }: LintRequest): Windows['shares'] {
  return [
    ...(errorShare === undefined ? [] : [{ name: 'error-share', limit: errorShare.must.limit }]),
    ...(maxLatency === undefined ? [] : [{ name: 'max-latency', limit: maxLatency.share }]),
    ...assertions.flatMap((one) =>
      one.kind === 'share' ? [{ name: one.name, limit: one.must.limit }] : [],
    ),
  ];
}

async function askedAdvice(asking: Asking): Promise<readonly Advice[]> {
  const { client, running, request, windows, atMs } = asking;
  const advice: Advice[] = [...windowAdvice(windows)];
  for (const [about, ask] of [
    ['error-share', errorShareAdvice],
    ['max-latency', latencyAdvice],
  ] as const)
    try {
      advice.push(...(await ask(asking)));
    } catch (error) {
      advice.push(failureAdvice(about, error));
    }
  for (const assertion of request.assertions)
    advice.push(...(await selectorAdvice(client, running, assertion, atMs)));
  return advice;
}

/**
 * What would keep a verification from telling anything, by its inputs and by what the pods that run now
 * export. Nothing is called impossible for what a release may still bring. Failures of Prometheus become
 * advice.
 */
export async function lintVerification(request: LintRequest): Promise<readonly Advice[]> {
  const { client, workload, assertions, minSoakMs, deadlineMs } = request;
  let typeOf: TypeOf = () => undefined;
  const byText = (intervalMs: number | undefined): readonly Advice[] =>
    assertions.flatMap((assertion) => assertionAdvice(assertion, intervalMs, typeOf));
  if (client === undefined) return byText(undefined);
  let running: RunningPods | undefined;
  let atMs: number;
  try {
    atMs = await client.serverTime();
    typeOf = await typesOf(client, assertions);
    running = await findRunningPods(client, workload, atMs);
  } catch (error) {
    return [failureAdvice('prometheus-url', error), ...byText(undefined)];
  }
  if (running === undefined)
    return [
      warning(
        'workload',
        `Prometheus has scraped no pod with a name of ${workload.kind}/${workload.name} in the last ten minutes: what depends on its pods was not looked at`,
        'Nothing, if this is the first release; else see that its pods are scraped, with a label for their names.',
      ),
      ...byText(undefined),
    ];
  const { intervalMs } = running;
  const windows = { minSoakMs, deadlineMs, intervalMs, shares: sharesOf(request) };
  const asked = await askedAdvice({ client, running, request, windows, atMs });
  return [...asked, ...byText(intervalMs)];
}
