import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runBundle, type BundleResult } from '@slipway/testing';
import {
  prometheusWorld,
  type PrometheusWorld,
} from '../../../packages/health/test/metrics/prometheus-world.ts';

jest.setTimeout(120_000);

const entry = path.resolve(import.meta.dirname, '..', 'src', 'index.ts');
let scratch: string;
let world: PrometheusWorld;
let server: http.Server;

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}

/** The world behind a port, as a Prometheus would be. */
async function serve(): Promise<void> {
  world = prometheusWorld(() => Date.now());
  server = http.createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const { method = 'GET', url = '/' } = request;
      const answer = await world.fetch(`http://world${url}`, {
        method,
        ...(method === 'GET' ? {} : { body }),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = { namespace: 'shop', pod: 'api-6d5f7c9b8-x7k2p', job: 'pods' };
  for (let second = -600; second <= 0; second += 15)
    world.scrape(Date.now() + second * 1000, target, {
      up: 1,
      'http_requests_total{code="200"}': 20 * (second + 600),
    });
}

beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-lint-'));
  await serve();
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(scratch, { recursive: true, force: true });
});

/** The action from its sources in the mode lint, with a cluster that nobody answers for. */
function lint(inputs: Readonly<Record<string, string>> = {}): Promise<BundleResult> {
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'shop' } }],
    clusters: [{ name: 'test', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'test', user: { token: 'not-a-real-token' } }],
  };
  return runBundle({
    action: 'verify-health',
    entry,
    scratch,
    timeoutMs: 60_000,
    inputs: {
      mode: 'lint',
      workload: 'deployment/api',
      kubeconfig: JSON.stringify(kubeconfig),
      'prometheus-url': `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...inputs,
    },
  });
}

const assertion = (query: string, must: string): string =>
  JSON.stringify([{ name: 'mine', query, must }]);

describe('the mode lint', () => {
  test('says nothing of good inputs, and asks the cluster for nothing', async () => {
    const { exitCode, outputs, stdout, summary } = await lint();
    expect(stdout).not.toContain('::warning');
    expect([exitCode, outputs['findings'], outputs['verdict']]).toEqual([0, '[]', undefined]);
    expect(summary).toContain('nothing stands in the way of a verdict');
  });

  test('warns of what cannot fail, in an annotation, and passes', async () => {
    const { exitCode, outputs, stdout, summary } = await lint({
      assertions: assertion('http_requests_total{$scope}', '>= 0'),
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^::warning .*title=.*mine.*::mine: cannot fail/m);
    expect(JSON.parse(outputs['findings'] ?? '')).toMatchObject([
      { check: 'mine', state: 'warning' },
    ]);
    expect(summary).toContain('warning: cannot fail');
  });

  test('fails by what could never be observed, unless it is only to report', async () => {
    const error = 'invalid parameter "query": 1:4: parse error: unexpected end of input';
    world.intercept(({ parameters }) =>
      parameters.get('query')?.startsWith('sum(http') === true
        ? Response.json({ status: 'error', errorType: 'bad_data', error }, { status: 400 })
        : undefined,
    );
    const inputs = { assertions: assertion('sum(http_requests_total{$scope}', '< 1') };
    const failed = await lint(inputs);
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toMatch(
      /::error title=Nothing could be verified like this.*mine: .*parse error/,
    );
    const reported = await lint({ ...inputs, 'on-unhealthy': 'report' });
    expect(reported.exitCode).toBe(0);
    expect(reported.stdout).toContain('parse error');
  });
});

describe('the mode backtest', () => {
  test('tells of each rollout of the last week what would have been said of it', async () => {
    const { exitCode, outputs, summary } = await lint({ mode: 'backtest', deadline: '2m' });
    expect(exitCode).toBe(0);
    expect(JSON.parse(outputs['findings'] ?? '')).toMatchObject([
      { check: 'api-6d5f7c9b8', state: 'healthy', began: expect.any(String) },
    ]);
    expect(summary).toContain('0 of 1 rollout of the last week would have been stopped, 1 passed');
  });

  test('needs Prometheus, and a workload with replica sets', async () => {
    const inputs = { mode: 'backtest', workload: 'statefulset/db', 'prometheus-url': '' };
    const { exitCode, stdout } = await lint(inputs);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('backtest takes a deployment or a rollout');
    expect(stdout).toContain('set prometheus-url');
  });
});
