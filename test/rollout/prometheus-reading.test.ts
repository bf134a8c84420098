import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createPrometheusClient } from '@slipway/prometheus';
import type { RolloutTruth } from '@slipway/rollout';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { parseRequirement } from '../../packages/health/src/judge/requirement.ts';
import { parseMaxLatency } from '../../packages/health/src/judge/max-latency.ts';
import { createMetricsCheck } from '../../packages/health/src/observe/index.ts';
import {
  unpackEvidence,
  type PackedEvidence,
} from '../../packages/health/src/observe/metrics/index.ts';
import { errorShare, podRecord } from '../../packages/health/test/metrics/scraped-service.ts';
import { findHostTools } from '../lab/machine/host-tools.ts';
import { freePort } from '../lab/places/port.ts';
import { startDaemon, stopDaemon, waitUntil, type DaemonRecord } from '../lab/process/daemon.ts';

jest.setTimeout(120_000);

/** A service that exports what it answered, its own scrapes among it. */
interface Service {
  port: number;
  /** Requests of users so far. */
  asked: () => { total: number; failed: number };
  close: () => Promise<void>;
}

async function startService(): Promise<Service> {
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

/** Four scrape jobs that know the same pod, and one whose port is closed. */
function configOf(port: number): string {
  const job = (name: string, target: string, pod: string): string =>
    `  - job_name: ${name}\n    static_configs: [{ targets: ['${target}'], labels: { namespace: shop, pod: ${pod} } }]`;
  return [
    'global: { scrape_interval: 1s, scrape_timeout: 1s }',
    'scrape_configs:',
    ...['a', 'b', 'c', 'd'].map((name) => job(name, `127.0.0.1:${port}`, 'api-1')),
    job('closed', '127.0.0.1:2', 'api-2'),
    '',
  ].join('\n');
}

describe('a real Prometheus', () => {
  let folder = '';
  let service: Service;
  let daemon: DaemonRecord | undefined;
  let port = 0;
  const startedMs = Date.now() - 1_000;

  const startPrometheus = async (): Promise<void> => {
    const file = findHostTools(process.env).prometheus ?? 'prometheus';
    daemon = await startDaemon({
      ...{ name: 'prometheus', file, env: {}, logs: folder, config: '' },
      args: [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
    });
    await waitUntil('Prometheus is ready', daemon, 30_000, async () => {
      const response = await fetch(`http://127.0.0.1:${port}/-/ready`);
      return response.ok;
    });
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'prometheus-'));
    service = await startService();
    port = await freePort(0);
    await writeFile(path.join(folder, 'prometheus.yml'), configOf(service.port));
    await startPrometheus();
  });
  afterAll(async () => {
    await stopDaemon(daemon);
    await service.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A check of the pods `names` that runs until the test has ended. */
  const check = (names: readonly string[], request: object) => {
    const beganMs = Date.now();
    const times = { readyMs: startedMs, startedMs, ip: '127.0.0.1' };
    const present = names.map((name) => podRecord(name, times));
    const client = createPrometheusClient({
      url: `http://127.0.0.1:${port}`,
      ...{ auth: { kind: 'none' }, fetch: (to, init) => fetch(to, init), clock: systemClock },
    });
    const log = fakeLog();
    const made = createMetricsCheck(
      { clock: systemClock, log },
      {
        ...{ client, workload: { namespace: 'shop', name: 'api' }, scrapes: true, assertions: [] },
        ...{ beganMs, deadlineMs: 60_000, intervalMs: 500 },
        ...request,
      },
      {
        truth: () => ({ present }) as unknown as RolloutTruth,
        workload: () => undefined,
        earlier: () => [],
      },
      () => undefined,
    );
    const job = new AbortController();
    const running = made.run(job.signal);
    const finding = (name: string) => {
      const nowMs = Date.now();
      const time = { nowMs, beganMs, elapsedMs: nowMs - beganMs, deadlineMs: 60_000 };
      return made.findings(time).find((one) => one.check === name);
    };
    const until = async (what: () => boolean): Promise<void> => {
      while (!what() && Date.now() - beganMs < 40_000)
        await new Promise((resolve) => setTimeout(resolve, 100));
    };
    const end = async (): Promise<void> => {
      job.abort(new Error('the test is over'));
      await running;
    };
    const units = () => {
      const { checks } = unpackEvidence(made.evidence() as PackedEvidence);
      const share = checks.find(({ kind }) => kind === 'share');
      return share?.kind === 'share' ? share.units : [];
    };
    return { log, finding, until, end, units };
  };

  test('is read exactly: each request once, whoever scrapes, over a restart, without the scrapes', async () => {
    const { finding, until, end, units, log } = check(['api-1'], {
      errorShare,
      maxLatency: parseMaxLatency('p50 < 500ms'),
    });
    try {
      const counted = () => units().reduce((sum, { total }) => sum + total, 0);
      await until(() => counted() > 100);
      await stopDaemon(daemon);
      await startPrometheus();
      await until(() => counted() > 250 && finding('error share')?.state !== 'blind');
      const before = service.asked();
      const failed = units().reduce((sum, { bad }) => sum + bad, 0);
      expect(counted()).toBeGreaterThan(before.total * 0.75);
      expect(counted()).toBeLessThanOrEqual(before.total);
      expect(failed).toBeGreaterThan(before.failed * 0.75);
      expect(failed).toBeLessThanOrEqual(before.failed);
      expect(log.text()).toContain('4 series sets know pod/api-1; it is counted once, by job="');
      expect(finding('up')).toMatchObject({ state: 'good' });
      expect(finding('error share')?.detail).toContain('scrapes');
      await until(() => finding('latency')?.state === 'good');
      expect(finding('latency')).toMatchObject({ state: 'good' });
    } finally {
      await end();
    }
  });

  test('tells where a query does not parse, which metric it does not know, and why a scrape fails', async () => {
    const must = parseRequirement('> 0');
    const value = (name: string, query: string) => ({ kind: 'value', name, query, must });
    const { finding, until, end } = check(['api-1', 'api-2'], {
      assertions: [
        value('parse', 'sum(rate(http_requests_total{$scope}[1m])'),
        value('typo', 'http_request_total{$scope}'),
      ],
    });
    try {
      await until(() => finding('up')?.detail.includes('refused') === true);
      await until(() => finding('typo')?.detail.includes('exist') === true);
      expect(finding('up')?.detail).toMatch(
        /^Prometheus cannot scrape pod\/api-2 \(http:\/\/127\.0\.0\.1:2\/metrics\): .*refused/,
      );
      expect(finding('parse')).toMatchObject({
        final: true,
        detail: expect.stringMatching(/unclosed left parenthesis at line 1, column \d+/),
      });
      expect(finding('typo')?.detail).toBe(
        'the metric http_request_total does not exist in this Prometheus; the new pods export http_requests_total',
      );
    } finally {
      await end();
    }
  });
});
