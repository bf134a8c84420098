/**
 * Why Prometheus gave no answer. `unreachable` and `timeout`: nobody answered; `unavailable`: 5xx, it
 * may recover; `refused`: 401 or 403; `not-prometheus`: something else answers at that URL;
 * `bad-query`: it does not parse or type-check; `failed-query`: it was understood but not answered.
 */
export type PrometheusFailure =
  | 'unreachable'
  | 'timeout'
  | 'unavailable'
  | 'refused'
  | 'not-prometheus'
  | 'bad-query'
  | 'failed-query';

/** A request to Prometheus that brought no answer. Never means that the answer is zero or empty. */
export class PrometheusError extends Error {
  readonly failure: PrometheusFailure;
  /** 0 when nobody answered. */
  readonly status: number;
  /** How long it asked to wait (Retry-After). */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: {
      failure: PrometheusFailure;
      status: number;
      retryAfterMs?: number;
      cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PrometheusError';
    this.failure = details.failure;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** Whether the answer would be the same for ever: the address, the rights or the query are wrong. */
  get isFinal(): boolean {
    return !this.mayPass && this.failure !== 'failed-query';
  }

  /** Whether asking again later may bring an answer without anybody changing anything. */
  get mayPass(): boolean {
    return ['unreachable', 'timeout', 'unavailable'].includes(this.failure);
  }
}
