import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
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

// The first use builds it from its module: many minutes, once per machine.
jest.setTimeout(3_600_000);

let folder = '';
let url = '';
let service: Service;
const stops: (() => Promise<void>)[] = [];
const startedMs = Date.now() - 1_000;

/** Mimir in one process, its rings in memory and its blocks in `folder`. */
function mimirConfig(ports: { http: number; grpc: number; gossip: number }): object {
  const ring = { instance_addr: '127.0.0.1', kvstore: { store: 'inmemory' } };
  return {
    multitenancy_enabled: true,
    server: {
      http_listen_address: '127.0.0.1',
      http_listen_port: ports.http,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: ports.grpc,
      log_level: 'warn',
    },
    memberlist: { bind_addr: ['127.0.0.1'], bind_port: ports.gossip },
    blocks_storage: {
      backend: 'filesystem',
      filesystem: { dir: path.join(folder, 'blocks') },
      tsdb: { dir: path.join(folder, 'tsdb') },
      bucket_store: { sync_dir: path.join(folder, 'sync') },
    },
    ruler_storage: { backend: 'filesystem', filesystem: { dir: path.join(folder, 'rules') } },
    compactor: { data_dir: path.join(folder, 'compactor'), sharding_ring: ring },
    distributor: { ring },
    ingester: { ring: { ...ring, replication_factor: 1 } },
    store_gateway: { sharding_ring: { ...ring, replication_factor: 1 } },
    frontend: { address: '127.0.0.1' },
    query_scheduler: { ring },
    ruler: { rule_path: path.join(folder, 'ruler'), ring },
    usage_stats: { enabled: false },
  };
}

async function startMimir(file: string): Promise<number> {
  const ports = { http: await freePort(0), grpc: await freePort(0), gossip: await freePort(0) };
  const config = path.join(folder, 'mimir.yml');
  await writeFile(config, JSON.stringify(mimirConfig(ports)));
  const readyUrl = `http://127.0.0.1:${ports.http}/ready`;
  const args = [`-config.file=${config}`];
  stops.push(await startServer({ name: 'mimir', file, args, readyUrl, folder }));
  return ports.http;
}

/** A Prometheus that scrapes the service and hands everything on to the tenant `shop`. */
async function startPrometheus(push: string): Promise<void> {
  const port = await freePort(0);
  const config = path.join(folder, 'prometheus.yml');
  const remote = [{ url: push, headers: { 'X-Scope-OrgID': 'shop' } }];
  await writeFile(config, JSON.stringify({ ...scrapeConfig(service.port), remote_write: remote }));
  stops.push(
    await startServer({
      name: 'prometheus',
      file: findHostTools(process.env).prometheus ?? 'prometheus',
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      readyUrl: `http://127.0.0.1:${port}/-/ready`,
      folder,
    }),
  );
}

beforeAll(async () => {
  const cache = cacheFolder(process.env, os.homedir());
  const file = await ensureModuleProgram(versions.metricsServers.mimir, cache, process.env);
  folder = await mkdtemp(path.join(os.tmpdir(), 'mimir-'));
  service = await startService();
  const port = await startMimir(file);
  url = `http://127.0.0.1:${port}/prometheus`;
  await startPrometheus(`http://127.0.0.1:${port}/api/v1/push`);
});

afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

const server = (headers: Readonly<Record<string, string>>) => ({
  ...{ url, headers, pods: ['api-1'], startedMs },
});

test('Mimir is read by its tenant, each request of users once, and has no list of targets', async () => {
  const must = parseRequirement('== 1');
  const { finding, until, end, counted, client } = runCheck(server({ 'X-Scope-OrgID': 'shop' }), {
    errorShare,
    assertions: [{ kind: 'value', name: 'scraped', query: 'up{$scope}', must }],
  });
  try {
    await until(() => counted().total > 200);
    const { total, bad } = counted();
    const asked = service.asked();
    expect(total).toBeGreaterThan(150);
    expect(total).toBeLessThanOrEqual(asked.total);
    expect(bad).toBeLessThanOrEqual(asked.failed);
    await until(() => ['up', 'scraped'].every((name) => finding(name)?.state === 'good'));
    for (const name of ['up', 'scraped'])
      expect(finding(name)).toMatchObject({ check: name, state: 'good' });
    expect(await client.targets()).toBeUndefined();
  } finally {
    await end();
  }
});

test('of another tenant there is nothing, which is named and no verdict on the release', async () => {
  const { finding, until, end } = runCheck(server({ 'X-Scope-OrgID': 'other' }), { errorShare });
  try {
    await until(() => finding('up')?.state === 'blind');
    expect(finding('up')).toMatchObject({
      state: 'blind',
      detail: expect.stringContaining('does not know pod/api-1'),
      next: expect.stringContaining('tenant'),
    });
    expect(finding('error share')?.state).not.toBe('good');
  } finally {
    await end();
  }
});

test('without a tenant Mimir refuses, in its own words and at once', async () => {
  const { finding, until, end } = runCheck(server({}), { errorShare });
  try {
    await until(() => finding('up')?.final === true);
    expect(finding('up')).toMatchObject({
      ...{ state: 'blind', final: true },
      detail: expect.stringContaining('401'),
    });
  } finally {
    await end();
  }
});
