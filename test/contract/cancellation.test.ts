import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runBundle, runnerGraceMs, type BundleOptions } from '@slipway/testing';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';

jest.setTimeout(600_000);

let scratch: string;
let server: http.Server;
let port: number;
/** Resolves when the server that never answers was asked something. */
let asked: Promise<unknown>;

beforeAll(() => ensureBundles(['setup-go-cached', 'helm-atomic-upgrade', 'verify-health']));

beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-cancel-'));
  let onAsked: () => void;
  asked = new Promise<void>((resolve) => {
    onAsked = resolve;
  });
  server = http.createServer(() => onAsked());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(scratch, { recursive: true, force: true });
});

function kubeconfig(): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'shop' } }],
    clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'test', user: { token: 'not-a-real-token' } }],
  });
}

/** A helm that tells its version, or says that it runs and then neither ends nor listens to signals. */
async function fakeHelm(hangsAt: 'version' | 'nothing'): Promise<{ PATH: string; began: string }> {
  const bin = path.join(scratch, 'bin');
  const began = path.join(scratch, 'began');
  await mkdir(bin, { recursive: true });
  const version = `echo 'v4.2.3+gabcdef0'`;
  const hang = `trap '' INT TERM; sleep 300 & echo $$ $! > ${began}; while :; do sleep 1; done`;
  await writeFile(
    path.join(bin, 'helm'),
    `#!/bin/sh\ncase "$1" in version) ${hangsAt === 'version' ? hang : version} ;; esac\n`,
  );
  await chmod(path.join(bin, 'helm'), 0o755);
  return { PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`, began };
}

async function chart(): Promise<string> {
  const workspace = path.join(scratch, 'checkout');
  await mkdir(path.join(workspace, 'chart'), { recursive: true });
  await writeFile(
    path.join(workspace, 'chart', 'Chart.yaml'),
    'apiVersion: v2\nname: api\nversion: 1.0.0\n',
  );
  return workspace;
}

async function interrupted(options: BundleOptions) {
  const main = await runBundle({ scratch, ...options });
  const post = await runBundle({ scratch, ...options, signals: [], phase: 'post', after: main });
  return { main, post };
}

/** Resolves once a process has ended; one that nobody has reaped yet (state Z) has. */
async function ends(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (stat.includes(') Z ')) return;
    await sleep(20);
  }
}

describe('a cancelled job', () => {
  test('does not wait for a site that Go is downloaded from', async () => {
    const { main, post } = await interrupted({
      action: 'setup-go-cached',
      inputs: {
        'go-version': '1.26.1',
        'go-download-base-url': `http://127.0.0.1:${port}/dl`,
        cache: 'false',
      },
      signals: [{ signal: 'SIGINT', when: asked }],
    });
    expect([main.exitCode, post.exitCode]).toEqual([130, 0]);
    expect(main.sinceSignalMs).toBeLessThan(runnerGraceMs);
  });

  test.each([
    ['helm-atomic-upgrade', { release: 'api', chart: 'chart' }],
    ['verify-health', { workload: 'deployment/api', namespace: 'shop' }],
  ])('does not wait for a cluster that does not answer: %s', async (action, inputs) => {
    const { PATH } = await fakeHelm('nothing');
    const { main, post } = await interrupted({
      action,
      workspace: await chart(),
      env: { PATH },
      inputs: { ...inputs, kubeconfig: kubeconfig() },
      signals: [{ signal: 'SIGINT', when: asked }],
    });
    expect([main.exitCode, post.exitCode]).toEqual([130, 0]);
    expect(main.sinceSignalMs).toBeLessThan(runnerGraceMs);
  });

  test('takes its child processes with it, and theirs, also when they do not listen', async () => {
    const { PATH, began } = await fakeHelm('version');
    const running = (async () => {
      while (!existsSync(began) || !(await readFile(began, 'utf8')).endsWith('\n')) await sleep(20);
    })();
    const { main, post } = await interrupted({
      action: 'helm-atomic-upgrade',
      workspace: await chart(),
      env: { PATH },
      inputs: { release: 'api', chart: 'chart', kubeconfig: kubeconfig() },
      signals: [{ signal: 'SIGINT', when: running }],
    });
    expect([main.exitCode, post.exitCode]).toEqual([130, 0]);
    expect(main.sinceSignalMs).toBeLessThan(runnerGraceMs);
    const pids = (await readFile(began, 'utf8')).trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await Promise.all(pids.map(ends));
  });
});
