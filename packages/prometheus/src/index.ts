export {
  parseAnswer,
  readValue,
  type Answer,
  type HistogramSeries,
  type Point,
  type Series,
  type ValueMeaning,
} from './answer.ts';
export { createCounterTrack, type CounterTrack, type Growth } from './counter-track.ts';
export {
  findLatencyHistogram,
  latencySelectors,
  type LatencyHistogram,
} from './latency-histogram.ts';
export { type AwsSigning, signedFetch } from './signed-fetch.ts';
export { slowRequests, type SlowRequests } from './slow-requests.ts';
export { isBadCode, isCodePattern, isRefusal } from './outcome-code.ts';
export type { PrometheusAuth } from './prometheus-auth.ts';
export {
  createPrometheusClient,
  type PrometheusClient,
  type PrometheusClientOptions,
} from './prometheus-client.ts';
export { PrometheusError, type PrometheusFailure } from './prometheus-error.ts';
export {
  describeCounter,
  findRequestCounters,
  requestCounterSelectors,
  type RequestCounter,
} from './request-counter.ts';
export { podLabels, scrapeErrorOf, type ScrapeTarget } from './scrape-target.ts';
export { exactly, metricNames, quoteLabel } from './selector.ts';
export { chooseSets, seriesSetName, type SeriesSet } from './series-set.ts';
