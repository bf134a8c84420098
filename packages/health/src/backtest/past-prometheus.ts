import type { PrometheusClient } from '@slipway/prometheus';
import type { Clock } from '@slipway/runtime';

/** A Prometheus as it was: what it says of now is of the clock given. */
export interface PastPrometheus {
  client: PrometheusClient;
  /** Resolves when nothing is being asked and nobody is about to ask. */
  idle(): Promise<void>;
}

/** Answers come in several turns of the event loop before somebody waits for the clock again. */
const quietTurns = 4;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** `client` by a clock of the past. It has no targets: that list is of today. */
export function pastPrometheus(client: PrometheusClient, clock: Clock): PastPrometheus {
  let asking = 0;
  const counted = async <T>(ask: () => Promise<T>): Promise<T> => {
    asking += 1;
    try {
      return await ask();
    } finally {
      asking -= 1;
    }
  };
  const past: PrometheusClient = {
    url: client.url,
    query: (expression, at) => counted(() => client.query(expression, at)),
    queryRange: (expression, range) => counted(() => client.queryRange(expression, range)),
    series: (selectors, range) => counted(() => client.series(selectors, range)),
    metricTypes: (metric) => client.metricTypes(metric),
    targets: () => Promise.resolve(undefined),
    serverTime: () => Promise.resolve(clock.now()),
    withSignal: () => past,
  };
  return {
    client: past,
    idle: async () => {
      for (let quiet = 0; quiet < quietTurns; quiet += 1) {
        await turn();
        if (asking > 0) quiet = -1;
      }
    },
  };
}
