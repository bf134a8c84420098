export {
  parseAnswer,
  readValue,
  type Answer,
  type Point,
  type Series,
  type ValueMeaning,
} from './answer.ts';
export { counterGrowth, type Growth } from './counter.ts';
export { createPrometheusClient, type PrometheusClient } from './prometheus-client.ts';
export { PrometheusError, type PrometheusFailure } from './prometheus-error.ts';
export type { PrometheusAuth } from './api-call.ts';
export {
  podLabel,
  scrapeState,
  type ScrapedPod,
  type ScrapeState,
  type ScrapeTarget,
} from './scrape-target.ts';
export { exactly, metricNames, quoteLabel } from './selector.ts';
