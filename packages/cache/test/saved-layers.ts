import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHttpClient, type HttpClient } from '@slipway/http';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import {
  startCacheService,
  type CacheServer,
  type CacheServerOptions,
} from '../../../test/lab/cache-service/index.ts';
import { buildLayer, usedObjects } from '../src/build-layer.ts';
import type { CachePorts } from '../src/cache-ports.ts';
import { openCacheService, type CacheService } from '../src/cache-service.ts';
import { saveLayer } from '../src/layer-save.ts';

export let scratch: string;
export let server: CacheServer;
export let http: HttpClient;
export let ports: CachePorts;
export const startMs = Date.now();
/** Makes the folder of the test's layers; to be called before each test. */
export async function openScratch(): Promise<void> {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-layers-'));
  http = createHttpClient({ env: {} });
}

/** To be called after each test. */
export async function closeAll(): Promise<void> {
  await server.close();
  await http.close();
  await fs.rm(scratch, { recursive: true, force: true });
}

/** Starts the service and connects to it as a job on main would. */
export async function connect(
  options: CacheServerOptions = {},
  token = (running: CacheServer): string => running.runtimeToken('refs/heads/main'),
): Promise<CacheService> {
  server = await startCacheService(options);
  ports = {
    fetch: http.fetch,
    log: fakeLog(),
    clock: systemClock,
    env: server.environment(token(server)),
    signal: new AbortController().signal,
  };
  const access = openCacheService(ports);
  if ('unavailable' in access) throw new Error(access.unavailable);
  return access.service;
}

/** A layer that is worth any wait: how fast this machine is decides nothing here. */
export const layerAt = (name: string) => ({
  ...buildLayer(path.join(scratch, name), { startMs, cores: 2 }),
  worthMs: () => Infinity,
});

/** A build cache of random objects; returns their paths. */
export async function fill(folder: string, count: number, bytes: number): Promise<string[]> {
  const paths: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const content = randomBytes(bytes);
    const id = createHash('sha256').update(content).digest('hex');
    const file = `${id.slice(0, 2)}/${id}-${i % 2 === 0 ? 'a' : 'd'}`;
    await fs.mkdir(path.join(folder, id.slice(0, 2)), { recursive: true });
    await fs.writeFile(path.join(folder, file), content);
    paths.push(file);
  }
  return paths;
}

export async function saveObjects(service: CacheService, key: string, count = 40, bytes = 300_000) {
  const layer = layerAt('saved');
  await fill(layer.folder, count, bytes);
  const files = await usedObjects(layer.folder, startMs);
  return saveLayer(ports, service, layer, key, files);
}

export const contents = async (folder: string): Promise<Record<string, string>> => {
  const names = await fs.readdir(folder, { recursive: true }).catch((): string[] => []);
  const pairs = await Promise.all(
    names.map(async (name) => {
      const data = await fs.readFile(path.join(folder, name)).catch(() => undefined);
      return data === undefined
        ? []
        : [[name, createHash('sha256').update(data).digest('hex')] as const];
    }),
  );
  return Object.fromEntries(pairs.flat());
};
