import { PrometheusError, type PrometheusClient } from '@slipway/prometheus';
import { fillPlaceholders, type Assertion } from '../judge/index.ts';
import { warning, type Advice } from './advice.ts';
import type { RunningPods } from './running-pods.ts';

/** What came of one question: how many series, and with which labels. */
interface Found {
  count: number;
  labels: ReadonlySet<string>;
}

/** What a failure of Prometheus means for a verification that asks the same. */
export function failureAdvice(about: string, error: unknown): Advice {
  if (!(error instanceof PrometheusError)) throw error;
  const next = 'Correct it: nothing could be verified like this.';
  if (error.isFinal) return { about, level: 'error', detail: error.message, next };
  return warning(about, error.message, 'Ask again when Prometheus answers.');
}

async function find(
  client: PrometheusClient,
  { placeholders }: RunningPods,
  query: string,
  atMs: number,
): Promise<Found> {
  const { series } = await client.query(fillPlaceholders(query, placeholders), { timeMs: atMs });
  const labels = new Set(series.flatMap((one) => Object.keys(one.labels)));
  return { count: series.length, labels };
}

const labelsOf = (selector: string): string[] =>
  [...selector.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*["'`]/g)].map(([, label = '']) => label);

/** What an assertion finds of the pods that run now. */
export async function selectorAdvice(
  client: PrometheusClient,
  running: RunningPods,
  assertion: Assertion,
  atMs: number,
): Promise<readonly Advice[]> {
  const { name } = assertion;
  const nothing = (what: string): Advice =>
    warning(
      name,
      `${what} finds nothing of the pods that run now`,
      'See that the metric and its labels are those that the release exports; no data is never a pass.',
    );
  try {
    if (assertion.kind === 'value') {
      const { count } = await find(client, running, assertion.query, atMs);
      return count === 0 ? [nothing('the query')] : [];
    }
    const total = await find(client, running, assertion.total, atMs);
    // What has not failed yet has no series: only that it parses is certain.
    await find(client, running, assertion.bad, atMs);
    if (total.count === 0) return [nothing(`total, ${assertion.total},`)];
    const missing = labelsOf(assertion.bad).find((label) => !total.labels.has(label));
    if (missing === undefined || missing === '__name__') return [];
    return [
      warning(
        name,
        `bad asks for the label "${missing}", which no series of ${assertion.total} has: the share would always be 0`,
        `Its labels are ${[...total.labels]
          .filter((label) => label !== '__name__')
          .sort()
          .join(', ')}.`,
      ),
    ];
  } catch (error) {
    return [failureAdvice(name, error)];
  }
}
