import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { parseMaxLatency } from '../../../packages/health/src/judge/max-latency.ts';
import { parseRequirement } from '../../../packages/health/src/judge/requirement.ts';
import { errorShare } from '../../../packages/health/test/metrics/scraped-service.ts';
import { ensureModuleProgram } from '../../lab/build/module-program.ts';
import { versions } from '../../lab/build/versions.ts';
import { cacheFolder } from '../../lab/places/cache-folder.ts';
import { freePort } from '../../lab/places/port.ts';
import { startService, type Service } from '../../rollout/counted-service.ts';
import { runCheck } from '../../rollout/running-check.ts';
import { scrapeConfig, startServer } from './started-server.ts';

// The first use builds it from its module: a minute or two, once per machine.
jest.setTimeout(1_200_000);

let folder = '';
let url = '';
let service: Service;
let stop = (): Promise<void> => Promise.resolve();
const startedMs = Date.now() - 1_000;

beforeAll(async () => {
  const cache = cacheFolder(process.env, os.homedir());
  const program = versions.metricsServers.victoriaMetrics;
  const file = await ensureModuleProgram(program, cache, process.env);
  folder = await mkdtemp(path.join(os.tmpdir(), 'victoria-metrics-'));
  service = await startService();
  const port = await freePort(0);
  url = `http://127.0.0.1:${port}`;
  const config = path.join(folder, 'scrape.yml');
  // JSON is YAML; VictoriaMetrics is strict about what it does not know, and knows all of this.
  await writeFile(config, JSON.stringify(scrapeConfig(service.port)));
  stop = await startServer({
    name: 'victoria-metrics',
    file,
    args: [
      `-promscrape.config=${config}`,
      `-storageDataPath=${folder}/data`,
      `-httpListenAddr=127.0.0.1:${port}`,
    ],
    readyUrl: `${url}/health`,
    folder,
  });
});

afterAll(async () => {
  await stop();
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

const server = () => ({ url, pods: ['api-1'], startedMs });

test('VictoriaMetrics is read exactly, and as of now: each request of users once', async () => {
  const must = parseRequirement('== 1');
  const { finding, until, end, counted, client } = runCheck(server(), {
    errorShare,
    maxLatency: parseMaxLatency('p50 < 500ms'),
    assertions: [{ kind: 'value', name: 'scraped', query: 'up{$scope}', must }],
  });
  try {
    await until(() => {
      const { total, bad } = counted();
      const asked = service.asked();
      return total > 150 && total > asked.total * 0.75 && bad > asked.failed * 0.6;
    });
    const { total, bad } = counted();
    const asked = service.asked();
    expect(total).toBeGreaterThan(asked.total * 0.75);
    expect(total).toBeLessThanOrEqual(asked.total);
    expect(bad).toBeGreaterThan(asked.failed * 0.6);
    expect(bad).toBeLessThanOrEqual(asked.failed);
    const askedMs = Date.now();
    const serverMs = await client.serverTime();
    // A server may tell whole seconds.
    expect(serverMs).toBeGreaterThanOrEqual(askedMs - 1_000);
    expect(serverMs).toBeLessThanOrEqual(Date.now() + 1_000);
    await until(() => finding('latency')?.state === 'good' && finding('scraped')?.state === 'good');
    for (const name of ['up', 'latency', 'scraped'])
      expect(finding(name)).toMatchObject({ check: name, state: 'good' });
    expect(await client.targets()).toMatchObject([{ health: 'up', labels: { pod: 'api-1' } }]);
  } finally {
    await end();
  }
});

test('VictoriaMetrics’s refusals are understood: a query that does not parse, an unknown metric', async () => {
  const must = parseRequirement('> 0');
  const value = (name: string, query: string) => ({ kind: 'value', name, query, must }) as const;
  const { finding, until, end } = runCheck(server(), {
    assertions: [
      value('parse', 'sum(rate(http_requests_total{$scope}[1m])'),
      value('typo', 'http_request_total{$scope}'),
    ],
  });
  try {
    await until(() => finding('typo')?.detail.includes('exist') === true);
    await until(() => finding('parse')?.final === true);
    expect(finding('typo')?.detail).toBe(
      'the metric http_request_total does not exist in this Prometheus; the new pods export http_requests_total',
    );
    expect(finding('parse')).toMatchObject({ state: 'blind', final: true });
  } finally {
    await end();
  }
});
