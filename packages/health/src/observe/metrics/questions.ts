import type { PrometheusClient } from '@slipway/prometheus';
import type { Log } from '@slipway/runtime';
import type { MetricCheck, ShareCheck } from '../../findings/index.ts';
import type { Assertion, Requirement } from '../../judge/index.ts';
import { createLatencyReader } from './latency-reading.ts';
import type { MetricLook } from './metric-look.ts';
import { errorShareName, type MetricsRequest } from './metrics-request.ts';
import { createShareCheck } from './share-check.ts';
import { createErrorShareReader, createShareReader } from './share-reading.ts';
import { createValueReader } from './value-reading.ts';

/** One question that is asked again and again. */
export interface Question {
  name: string;
  /** What is known before the first answer. */
  empty: MetricCheck;
  /** Whether it counts requests, and so must know the targets. */
  counts: boolean;
  /** Throws PrometheusError. */
  read: (look: MetricLook) => Promise<MetricCheck>;
}

/** What all questions are asked with; `beganMs` is when the verification began, by Prometheus's clock. */
export interface QuestionPorts {
  client: PrometheusClient;
  log: Log;
  beganMs: number;
}

function emptyShare(name: string, must: Requirement): ShareCheck {
  const nothing = {
    units: [],
    missing: undefined,
    warnings: [],
    leftOut: '',
    routes: [],
    control: [],
  };
  return { kind: 'share', name, must, ...nothing };
}

function shareQuestion(
  ports: QuestionPorts,
  share: Parameters<typeof createShareCheck>[1],
): Question {
  const { name, must } = share;
  const { read } = createShareCheck(ports, share);
  return { name, empty: emptyShare(name, must), counts: true, read };
}

function questionOf(ports: QuestionPorts, assertion: Assertion): Question {
  const { client, beganMs } = ports;
  const { name, must } = assertion;
  if (assertion.kind === 'share') {
    const reader = createShareReader(client, assertion, beganMs);
    const oldReader = createShareReader(client, assertion, beganMs);
    return shareQuestion(ports, { name, must, reader, oldReader, total: assertion.total });
  }
  const empty = { kind: 'value', name, must, runs: [], missing: undefined } as const;
  return { name, empty, counts: false, read: createValueReader(client, assertion).read };
}

/** All that is asked of Prometheus besides `up`. */
export function questionsOf(
  ports: QuestionPorts,
  {
    errorShare,
    maxLatency,
    timedElsewhere = false,
    assertions,
  }: Pick<MetricsRequest, 'errorShare' | 'maxLatency' | 'timedElsewhere' | 'assertions'>,
): Question[] {
  const questions = assertions.map((assertion) => questionOf(ports, assertion));
  if (maxLatency !== undefined)
    questions.unshift({
      ...createLatencyReader(ports, maxLatency, timedElsewhere),
      counts: true,
    });
  if (errorShare === undefined) return questions;
  const { must, metric } = errorShare;
  const reader = createErrorShareReader(ports.client, errorShare, ports.beganMs);
  const oldReader = createErrorShareReader(ports.client, errorShare, ports.beganMs);
  const total = metric === '' ? undefined : metric;
  const share = { name: errorShareName, must, reader, oldReader, total };
  return [shareQuestion(ports, share), ...questions];
}
