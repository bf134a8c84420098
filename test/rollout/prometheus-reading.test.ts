import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parseRequirement } from '../../packages/health/src/judge/requirement.ts';
import { parseMaxLatency } from '../../packages/health/src/judge/max-latency.ts';
import { errorShare } from '../../packages/health/test/metrics/scraped-service.ts';
import { findHostTools } from '../lab/machine/host-tools.ts';
import { freePort } from '../lab/places/port.ts';
import { startDaemon, stopDaemon, waitUntil, type DaemonRecord } from '../lab/process/daemon.ts';
import { startService, type Service } from './counted-service.ts';
import { runCheck, type AskedServer } from './running-check.ts';

jest.setTimeout(300_000);

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
    await waitUntil('Prometheus is ready', daemon, 120_000, async () => {
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

  const check = (pods: readonly string[], request: Parameters<typeof runCheck>[1]) => {
    const server: AskedServer = { url: `http://127.0.0.1:${port}`, pods, startedMs };
    return runCheck(server, request);
  };

  test('is read exactly: each request once, whoever scrapes, over a restart, without the scrapes', async () => {
    const { finding, until, end, counted, log } = check(['api-1'], {
      errorShare,
      maxLatency: parseMaxLatency('p50 < 500ms'),
    });
    try {
      await until(() => counted().total > 100);
      await stopDaemon(daemon);
      await startPrometheus();
      // What is asked after a scrape is not counted yet; its part of all gets smaller.
      await until(() => {
        const [{ total, bad }, asked] = [counted(), service.asked()];
        const isRead = total > asked.total * 0.75 && bad > asked.failed * 0.75;
        const isSeen = finding('up')?.state === 'good' && finding('error share')?.state !== 'blind';
        return total > 250 && isRead && isSeen;
      });
      const before = service.asked();
      const { total, bad } = counted();
      expect(total).toBeGreaterThan(before.total * 0.75);
      expect(total).toBeLessThanOrEqual(before.total);
      expect(bad).toBeGreaterThan(before.failed * 0.75);
      expect(bad).toBeLessThanOrEqual(before.failed);
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
    const value = (name: string, query: string) => ({ kind: 'value', name, query, must }) as const;
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
