import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { parseMaxLatency } from '../../../packages/health/src/judge/max-latency.ts';
import { parseRequirement } from '../../../packages/health/src/judge/requirement.ts';
import { errorShare } from '../../../packages/health/test/metrics/scraped-service.ts';
import { ensureModuleProgram } from '../../lab/build/module-program.ts';
import { versions } from '../../lab/build/versions.ts';
import { findHostTools } from '../../lab/machine/host-tools.ts';
import { cacheFolder } from '../../lab/places/cache-folder.ts';
import { freePort } from '../../lab/places/port.ts';
import { startService, type Service } from '../../rollout/counted-service.ts';
import { runCheck } from '../../rollout/running-check.ts';
import { scrapeConfig, startServer } from './started-server.ts';

// The first use builds it from its module: some minutes, once per machine.
jest.setTimeout(3_600_000);

let folder = '';
let thanos = '';
let service: Service;
const stops: (() => Promise<void>)[] = [];
/** Where the stores of the two replicas answer, and what ends them. */
const stores: { address: string; stop: () => Promise<void> }[] = [];
const startedMs = Date.now() - 1_000;

const server = (url: string) => ({ url, pods: ['api-1'], startedMs });

/** A Prometheus of its own with a sidecar: one replica of two that scrape the same. */
async function startReplica(name: string): Promise<void> {
  const [port, http, grpc] = [await freePort(0), await freePort(0), await freePort(0)];
  const config = path.join(folder, `${name}.yml`);
  await writeFile(config, JSON.stringify(scrapeConfig(service.port, { replica: name })));
  const url = `http://127.0.0.1:${port}`;
  stops.push(
    await startServer({
      name: `prometheus-${name}`,
      file: findHostTools(process.env).prometheus ?? 'prometheus',
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${folder}/${name}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      readyUrl: `${url}/-/ready`,
      folder,
    }),
  );
  const address = `127.0.0.1:${grpc}`;
  const stop = await startServer({
    name: `sidecar-${name}`,
    file: thanos,
    args: [
      'sidecar',
      `--prometheus.url=${url}`,
      `--http-address=127.0.0.1:${http}`,
      `--grpc-address=${address}`,
    ],
    readyUrl: `http://127.0.0.1:${http}/-/ready`,
    folder,
  });
  stores.push({ address, stop });
  stops.push(stop);
}

/** A Thanos Query over the stores, each by a flag of its own, and where it answers. */
async function startQuery(name: string, flags: readonly string[]): Promise<string> {
  const [http, grpc] = [await freePort(0), await freePort(0)];
  const url = `http://127.0.0.1:${http}`;
  stops.push(
    await startServer({
      name: `query-${name}`,
      file: thanos,
      args: [
        'query',
        `--http-address=127.0.0.1:${http}`,
        `--grpc-address=127.0.0.1:${grpc}`,
        '--query.replica-label=replica',
        ...flags,
      ],
      readyUrl: `${url}/-/ready`,
      folder,
    }),
  );
  return url;
}

beforeAll(async () => {
  const cache = cacheFolder(process.env, os.homedir());
  thanos = await ensureModuleProgram(versions.metricsServers.thanos, cache, process.env);
  folder = await mkdtemp(path.join(os.tmpdir(), 'thanos-'));
  service = await startService();
  for (const name of ['a', 'b']) await startReplica(name);
});

afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

const must = parseRequirement('== 1');
const scraped = { kind: 'value', name: 'scraped', query: 'up{$scope}', must } as const;

test('Thanos is read through its two replicas, each request of users once', async () => {
  const url = await startQuery(
    'whole',
    stores.map(({ address }) => `--endpoint=${address}`),
  );
  const { finding, until, end, counted, client } = runCheck(server(url), {
    errorShare,
    maxLatency: parseMaxLatency('p50 < 500ms'),
    assertions: [scraped],
  });
  try {
    await until(() => counted().total > 200);
    const { total, bad } = counted();
    const asked = service.asked();
    expect(total).toBeGreaterThan(150);
    expect(total).toBeLessThanOrEqual(asked.total);
    expect(bad).toBeLessThanOrEqual(asked.failed);
    await until(() =>
      ['up', 'latency', 'scraped'].every((name) => finding(name)?.state === 'good'),
    );
    for (const name of ['up', 'latency', 'scraped'])
      expect(finding(name)).toMatchObject({ check: name, state: 'good' });
    const askedMs = Date.now();
    const serverMs = await client.serverTime();
    // A server may tell whole seconds.
    expect(serverMs).toBeGreaterThanOrEqual(askedMs - 1_000);
    expect(serverMs).toBeLessThanOrEqual(Date.now() + 1_000);
    expect(await client.metricTypes('http_requests_total')).toEqual(['counter']);
  } finally {
    await end();
  }
});

test('of a Thanos whose store does not answer nothing is called healthy', async () => {
  const [left, dead] = stores;
  if (left === undefined || dead === undefined) throw new Error('there are no stores');
  const url = await startQuery('part', [
    `--endpoint=${left.address}`,
    `--endpoint-strict=${dead.address}`,
  ]);
  await dead.stop();
  const { finding, until, end } = runCheck(server(url), { errorShare, assertions: [scraped] });
  try {
    for (const name of ['up', 'scraped', 'error share']) {
      await until(() => finding(name)?.state === 'blind');
      expect(finding(name)).toMatchObject({
        state: 'blind',
        detail: expect.stringContaining(dead.address),
      });
    }
  } finally {
    await end();
  }
});
