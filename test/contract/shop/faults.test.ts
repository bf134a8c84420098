import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { closedPort } from '@slipway/testing';
import { makeApiCrash, makeApiFail, type ShopEdit } from '../../fixtures/shop-edits.ts';
import { startShopProcess, type ShopProcess } from '../../fixtures/shop-process.ts';
import { createShopRepository, type ShopRepository } from '../../fixtures/shop-repository.ts';

jest.setTimeout(300_000);

const run = promisify(execFile);
let scratch: string;
let shop: ShopRepository;
let api: string;
const started: ShopProcess[] = [];

/** Builds the API after a commit with the edits. */
async function buildApi(name: string, ...edits: readonly ShopEdit[]): Promise<string> {
  await shop.commit(name, ...edits);
  const program = path.join(scratch, name);
  const env = { ...process.env, CGO_ENABLED: '0' };
  await run('go', ['build', '-o', program, './services/api'], { cwd: shop.dir, env });
  return program;
}

async function start(env: Record<string, string>, program = api): Promise<ShopProcess> {
  const service = await startShopProcess(program, env);
  started.push(service);
  return service;
}

const status = async (url: string): Promise<number> => {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
};

const scrape = async (service: ShopProcess): Promise<string> =>
  (await fetch(`${service.metrics ?? ''}/metrics`)).text();

/** Asks until the answer is the wanted one; the test's time limit ends it. */
async function until(ask: () => Promise<boolean>): Promise<void> {
  while (!(await ask())) await pause(20);
}

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'shop-faults-'));
  shop = await createShopRepository(path.join(scratch, 'shop'));
  api = await buildApi('healthy');
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop()));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('the API', () => {
  test('is ready at once, counts its own traffic and ends well when told to', async () => {
    const service = await start({ SELF_TRAFFIC: '50/s' });
    expect(await status(`${service.http}/readyz`)).toBe(200);
    await until(async () => (await scrape(service)).includes('http_requests_total{code="200"'));
    expect(await scrape(service)).not.toContain('http_requests_total{code="5');
    expect((await service.stop()).code).toBe(0);
  });

  test('that was committed to fail answers a fifth of its requests with 500 and stays ready', async () => {
    const service = await start({}, await buildApi('failing', makeApiFail(0.2)));
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => status(`${service.http}/items`)),
    );
    expect(answers.filter((code) => code === 500)).toHaveLength(20);
    expect(await status(`${service.http}/readyz`)).toBe(200);
    expect(await scrape(service)).toContain('http_requests_total{code="500",method="GET"} 20\n');
  });

  test('that was committed to crash ends with code 1 before it listens', async () => {
    const program = await buildApi('crashing', makeApiCrash());
    await expect(start({}, program)).rejects.toThrow(/ended with 1 [^]*price table is corrupt/);
  });
});

describe('the switch', () => {
  test('FAULT_EXIT_AFTER ends the process later, with FAULT_LAST_WORDS as they stand', async () => {
    const words = '::error title=fake::<b>not a command</b>';
    const service = await start({ FAULT_EXIT_AFTER: '300ms', FAULT_LAST_WORDS: words });
    const { code, output } = await service.exit;
    expect(code).toBe(1);
    expect(output.split('\n')).toContain(words);
  });

  test('FAULT_NEVER_READY leaves the service alive and not ready', async () => {
    const service = await start({ FAULT_NEVER_READY: 'true' });
    expect(await status(`${service.http}/healthz`)).toBe(200);
    expect(await status(`${service.http}/readyz`)).toBe(503);
  });

  test('FAULT_READY_FLAP makes it unready and ready again', async () => {
    const service = await start({ FAULT_READY_FLAP: '200ms' });
    for (const wanted of [503, 200, 503]) {
      await until(async () => (await status(`${service.http}/readyz`)) === wanted);
    }
    expect(await status(`${service.http}/healthz`)).toBe(200);
  });

  test('FAULT_ERROR_SHARE fails that share, evenly', async () => {
    const service = await start({ FAULT_ERROR_SHARE: '0.25' });
    const answers: number[] = [];
    for (let at = 0; at < 8; at += 1) answers.push(await status(`${service.http}/items`));
    expect(answers).toEqual([200, 200, 200, 500, 200, 200, 200, 500]);
  });

  test('FAULT_LATENCY slows each request, which the histogram shows', async () => {
    const service = await start({ FAULT_LATENCY: '150ms' });
    await status(`${service.http}/items`);
    const metrics = await scrape(service);
    expect(metrics).toContain('http_request_duration_seconds_bucket{method="GET",le="0.1"} 0\n');
    expect(metrics).toContain('http_request_duration_seconds_count{method="GET"} 1\n');
  });

  test('FAULT_LEAK makes its memory grow', async () => {
    const service = await start({ FAULT_LEAK: '100MiB/s' });
    const resident = async (): Promise<number> =>
      Number(/^process_resident_memory_bytes (\S+)$/m.exec(await scrape(service))?.[1]);
    const before = await resident();
    await until(async () => (await resident()) > before + 30 * 1024 * 1024);
    expect(await status(`${service.http}/healthz`)).toBe(200);
  });

  test('FAULT_WRONG_LABEL hides the code from those who ask for it by name', async () => {
    const service = await start({ FAULT_WRONG_LABEL: 'true' });
    await status(`${service.http}/items`);
    const metrics = await scrape(service);
    expect(metrics).toContain('http_requests_total{method="GET",status="200"} 1\n');
    expect(metrics).not.toContain('code=');
  });

  test('FAULT_METRICS_CLOSED leaves nobody listening on the metrics port', async () => {
    const { port, close } = await closedPort();
    const service = await start({
      FAULT_METRICS_CLOSED: 'true',
      METRICS_ADDR: `127.0.0.1:${port}`,
    });
    expect(await status(`${service.http}/items`)).toBe(200);
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    });
    await close();
  });

  test('with a value that makes no sense ends the process and is named', async () => {
    await expect(start({ FAULT_ERROR_SHARE: '20%' })).rejects.toThrow('FAULT_ERROR_SHARE');
  });
});
