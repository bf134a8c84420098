import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service that exports what it answered, its own scrapes among it. */
export interface Service {
  port: number;
  /** Requests of users so far. */
  asked: () => { total: number; failed: number };
  close: () => Promise<void>;
}

/** Starts a service whose users ask it twenty times a second; one request of ten fails. */
export async function startService(): Promise<Service> {
  let total = 0;
  let failed = 0;
  let scraped = 0;
  const metrics = (): string =>
    [
      '# TYPE http_requests_total counter',
      `http_requests_total{code="200"} ${total - failed + scraped}`,
      // As of a CounterVec: a series is born with its first request.
      ...(failed === 0 ? [] : [`http_requests_total{code="500"} ${failed}`]),
      '# TYPE http_request_duration_seconds histogram',
      `http_request_duration_seconds_bucket{le="0.1"} ${total - failed}`,
      `http_request_duration_seconds_bucket{le="0.5"} ${total}`,
      `http_request_duration_seconds_bucket{le="+Inf"} ${total}`,
      `http_request_duration_seconds_count ${total}`,
      `http_request_duration_seconds_sum ${total / 10}`,
      '',
    ].join('\n');
  const server = http.createServer((_, response) => {
    scraped += 1;
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metrics());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const users = setInterval(() => {
    total += 2;
    if (total % 10 === 0) failed += 1;
  }, 100);
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => ({ total, failed }),
    close: async () => {
      clearInterval(users);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
