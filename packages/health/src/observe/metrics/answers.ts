import { PrometheusError } from '@slipway/prometheus';
import type { Clock } from '@slipway/runtime';
import type { MetricCheck, MetricsEvidence, ScrapedPod } from '../../findings/index.ts';

/** What Prometheus has answered so far, by question. */
export interface Answers {
  evidence(): MetricsEvidence;
  /** Keeps the answer to a question in place of the one before. */
  put(check: MetricCheck): void;
  putPods(pods: readonly ScrapedPod[], intervalMs: number): void;
  /**
   * Asks; when Prometheus does not answer, that becomes the outage of the questions `names`. Throws only
   * what is no failure of Prometheus, and nothing after an abort.
   */
  attempt(signal: AbortSignal, names: readonly string[], ask: () => Promise<void>): Promise<void>;
}

const usualIntervalMs = 15_000;

/** Answers to questions of which only `empty` is known; `onNews` is called after each attempt. */
export function createAnswers(
  clock: Clock,
  empty: readonly MetricCheck[],
  onNews: () => void,
): Answers {
  const checks = new Map(empty.map((check) => [check.name, check]));
  const answered = new Set<string>();
  let pods: readonly ScrapedPod[] = [];
  let intervalMs = usualIntervalMs;

  const fail = (name: string, error: PrometheusError): void => {
    const check = checks.get(name);
    if (check === undefined) return;
    const sinceMs = check.outage?.sinceMs ?? clock.now();
    const { message: why, isFinal: final } = error;
    checks.set(name, { ...check, outage: { why, sinceMs, final, answered: answered.has(name) } });
  };

  return {
    evidence: () => ({ pods, intervalMs, checks: [...checks.values()] }),
    put: (check) => {
      answered.add(check.name);
      checks.set(check.name, check);
    },
    putPods: (seen, everyMs) => {
      pods = seen;
      intervalMs = everyMs;
    },
    attempt: async (signal, names, ask) => {
      try {
        await ask();
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof PrometheusError)) throw error;
        for (const name of names) fail(name, error);
      }
      if (!signal.aborted) onNews();
    },
  };
}
