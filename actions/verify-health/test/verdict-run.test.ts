import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { predicateType, replay, type HealthPredicate, type HealthStatement } from '@slipway/health';
import { systemClock } from '@slipway/runtime';
import {
  listenOnLoopback,
  runBundle,
  runnerGraceMs,
  type BundleOptions,
  type BundleResult,
  type LoopbackApiServer,
} from '@slipway/testing';
import { encodeRelease, type ReleaseStatus } from '../../../packages/helm/src/release/record.ts';
import { shopCluster } from '../../../packages/rollout/test/shop-cluster.ts';

jest.setTimeout(120_000);

const entry = path.resolve(import.meta.dirname, '..', 'src', 'index.ts');
let scratch: string;
let cluster: ReturnType<typeof shopCluster>;
let listening: LoopbackApiServer;

beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-verdict-'));
  cluster = shopCluster(systemClock);
  listening = await listenOnLoopback(cluster.server);
  cluster.putDeployment(1, 1);
  cluster.putPod({ uid: '1', ready: true });
  const bin = path.join(scratch, 'bin');
  await mkdir(bin);
  await writeFile(path.join(bin, 'helm'), "#!/bin/sh\necho 'v4.2.3+gabcdef0'\n");
  await chmod(path.join(bin, 'helm'), 0o755);
});

afterEach(async () => {
  await listening.close();
  await rm(scratch, { recursive: true, force: true });
});

function kubeconfig(token = 'not-a-real-token'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'shop' } }],
    clusters: [{ name: 'test', cluster: { server: listening.url } }],
    users: [{ name: 'test', user: { token } }],
  });
}

/** The action from its sources, as a runner runs it. */
function verify(
  inputs: Readonly<Record<string, string>> = {},
  more: Partial<BundleOptions> = {},
): Promise<BundleResult> {
  const PATH = `${path.join(scratch, 'bin')}${path.delimiter}${process.env['PATH'] ?? ''}`;
  return runBundle({
    action: 'verify-health',
    entry,
    scratch,
    env: { PATH },
    timeoutMs: 60_000,
    ...more,
    inputs: {
      workload: 'deployment/api',
      kubeconfig: kubeconfig(),
      'min-soak': '1s',
      deadline: '30s',
      ...inputs,
    },
  });
}

function written(file: string | undefined): unknown {
  return JSON.parse(readFileSync(file ?? '', 'utf8'));
}

describe('a verification', () => {
  test('leaves its certificate, the parts to sign, its findings, and a chart', async () => {
    const { outputs, exitCode, summary } = await verify();
    expect([exitCode, outputs['verdict']]).toEqual([0, 'healthy']);
    const statement = written(outputs['certificate']) as HealthStatement;
    expect(statement).toMatchObject({ predicateType, predicate: { verdict: 'healthy' } });
    const predicate = written(outputs['certificate-predicate']) as HealthPredicate;
    expect(predicate).toEqual(statement.predicate);
    expect(replay(predicate)).toMatchObject({ kind: 'same', verdict: 'healthy' });
    expect(outputs['certificate-subjects']).toBe('');
    expect(path.dirname(outputs['chart'] ?? '')).toBe(path.dirname(outputs['certificate'] ?? ''));
    const drawn = readFileSync(outputs['chart'] ?? '', 'utf8');
    expect(drawn).toMatch(/^<svg [^]*<title>new pods that serve<\/title>[^]*<\/svg>\n$/);
    const findings = JSON.parse(outputs['findings'] ?? '') as { check: string; state: string }[];
    expect(findings.map(({ check, state }) => `${check} ${state}`)).toContain('pods good');
    expect(summary).toContain('```mermaid\nxychart-beta\n    title "new pods that serve"');
  });

  test('that is cancelled hands over at once, with a certificate of what was seen', async () => {
    const signals = [{ signal: 'SIGINT', afterLine: /rollout/ }] as const;
    const { outputs, exitCode, sinceSignalMs } = await verify({ 'min-soak': '20s' }, { signals });
    expect(exitCode).toBe(130);
    expect(sinceSignalMs).toBeLessThan(runnerGraceMs);
    const { predicate } = written(outputs['certificate']) as HealthStatement;
    expect(predicate.verdict).toBe('cut-off');
    expect(replay(predicate)).toMatchObject({ kind: 'same', verdict: 'cut-off' });
  });
});

describe('a rollback that is asked for', () => {
  const rollback = { 'on-unhealthy': 'rollback' };

  test('of a release that is not there ends the job before the soak', async () => {
    const { outputs, exitCode, stdout } = await verify(rollback);
    expect(exitCode).toBe(1);
    expect(outputs['verdict']).toBeUndefined();
    expect(stdout).toContain('There is no Helm release shop in namespace shop');
  });

  test('of what Helm did not make ends the job before the soak', async () => {
    const path = '/apis/apps/v1/namespaces/shop/deployments/api';
    const made = cluster.server.object(path);
    cluster.server.put({ ...made, metadata: { ...made?.metadata, annotations: {} } } as never);
    const { outputs, stdout } = await verify(rollback);
    expect(outputs['verdict']).toBeUndefined();
    expect(stdout).toContain('deployment/api was not made by Helm');
  });

  test('without the rights for it ends the job before the soak, and names them', async () => {
    cluster.server.forbid('patch', 'secrets');
    const { outputs, stdout } = await verify(rollback);
    expect(outputs['verdict']).toBeUndefined();
    expect(stdout).toContain('shop could not be rolled back: these credentials lack patch secrets');
  });

  test('without Helm ends the job before the soak', async () => {
    const { outputs, exitCode } = await verify(rollback, { env: { PATH: '/nowhere' } });
    expect([exitCode, outputs['verdict']]).toEqual([1, undefined]);
  });
});

const crashed = { restarts: 1, ended: { reason: 'Error', exitCode: 3 } };

/** What the deployment of the played cluster is, as a chart would render it. */
function manifest(): string {
  const made = cluster.server.object('/apis/apps/v1/namespaces/shop/deployments/api');
  const spec = made?.['spec'];
  const metadata = { name: 'api' };
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec });
}

/** Writes a revision of the release `shop`, as Helm keeps it. */
function putRevision(version: number, status: ReleaseStatus): void {
  const info = { status, description: '', last_deployed: new Date().toISOString() };
  const chart = { metadata: { name: 'api', version: '1.0.0' } };
  const record = { name: 'shop', namespace: 'shop', version, info, chart, manifest: manifest() };
  const release = encodeRelease({ ...record, config: {}, hooks: [] });
  cluster.server.put({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `sh.helm.release.v1.shop.v${version}`,
      namespace: 'shop',
      labels: { name: 'shop', owner: 'helm', status, version: String(version) },
    },
    type: 'helm.sh/release.v1',
    data: { release: Buffer.from(release).toString('base64') },
  } as never);
}

/**
 * A Helm whose rollback calls `rolledBack` of this test, which plays what it does to the cluster; when that says that it
 * is not through, it goes on until it is ended.
 */
async function playHelm(rolledBack: () => boolean): Promise<() => void> {
  const server = http.createServer((_, response) => {
    if (rolledBack()) response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = `require('http').get('http://127.0.0.1:${port}')`;
  const cases = `version) echo 'v4.2.3+gabcdef0' ;; rollback) ${process.execPath} -e "${ask}" ;;`;
  await writeFile(path.join(scratch, 'bin', 'helm'), `#!/bin/sh\ncase "$1" in ${cases} esac\n`);
  return () => {
    server.closeAllConnections();
    server.close();
  };
}

/** Lets a pod of each verification of a run crash once it is watched: first of the release, then of the earlier revision. */
function crashOnceWatched(...uids: readonly string[]): (piece: string) => void {
  let printed = '';
  let crashes = 0;
  return (piece) => {
    printed += piece;
    const watched = printed.split('Verifying the earlier revision')[crashes];
    const uid = uids[crashes];
    if (uid === undefined || watched?.includes('good: rollout, pods') !== true) return;
    crashes += 1;
    cluster.putPod({ uid, ...crashed });
  };
}

describe('a rollback of an unhealthy release', () => {
  /** A release whose pod 1 crashes once it is watched, and a rollback that brings pod 2; which of them crash. */
  async function rolledBack(
    crashing: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<BundleResult> {
    putRevision(1, 'superseded');
    putRevision(2, 'deployed');
    const close = await playHelm(() => {
      cluster.removePod('1');
      cluster.putPod({ uid: '2', ready: true });
      putRevision(3, 'deployed');
      return true;
    });
    const onOutput = crashOnceWatched(...crashing);
    const inputs = { 'on-unhealthy': 'rollback', 'min-soak': '5s', ...more };
    try {
      return await verify(inputs, { onOutput });
    } finally {
      close();
    }
  }

  test('says that the earlier revision is healthy when its pods were seen to be', async () => {
    const { outputs, summary, exitCode } = await rolledBack(['1']);
    expect(exitCode).toBe(1);
    expect(outputs).toMatchObject({
      verdict: 'unhealthy',
      'rolled-back': 'true',
      'rollback-needed': 'false',
      'rollback-revision': '1',
      'rollback-verdict': 'healthy',
    });
    expect(summary).toContain('| rollback | rolled back to revision 1, verified healthy |');
    const { predicate } = written(outputs['rollback-certificate']) as HealthStatement;
    expect(replay(predicate)).toMatchObject({ kind: 'same', verdict: 'healthy' });
  });

  test('is carried out also when a secret is a word of the names', async () => {
    const inputs = { kubeconfig: kubeconfig('shop'), 'prometheus-headers': 'X-Scope-OrgID: shop' };
    const { outputs } = await rolledBack(['1'], inputs);
    expect(outputs).toMatchObject({ 'rolled-back': 'true', 'rollback-verdict': 'healthy' });
    const { predicate } = written(outputs['certificate']) as HealthStatement;
    expect(predicate.request.workload).toEqual({
      kind: 'deployment',
      namespace: 'shop',
      name: 'api',
    });
  });

  test('that is cut off is finished by the post step, and the bad revision is marked failed', async () => {
    putRevision(1, 'superseded');
    putRevision(2, 'deployed');
    const begun = Promise.withResolvers<undefined>();
    const helms: string[] = [];
    const close = await playHelm(() => {
      helms.push('rollback');
      if (helms.length === 1) {
        putRevision(3, 'pending-rollback');
        begun.resolve(undefined);
        return false;
      }
      putRevision(4, 'deployed');
      return true;
    });
    const inputs = { 'on-unhealthy': 'rollback', 'min-soak': '5s' };
    const signals = [{ signal: 'SIGINT', when: begun.promise }] as const;
    try {
      const main = await verify(inputs, { onOutput: crashOnceWatched('1'), signals });
      expect(main.exitCode).toBe(130);
      expect(main.sinceSignalMs).toBeLessThan(runnerGraceMs);
      const post = await verify({}, { phase: 'post', after: main });
      expect(post.exitCode).toBe(0);
      expect(post.summary).toContain('cut off: rolled back to revision 1');
    } finally {
      close();
    }
    const secret = '/api/v1/namespaces/shop/secrets/sh.helm.release.v1.shop.v2';
    expect(cluster.server.object(secret)?.metadata.labels).toMatchObject({ status: 'failed' });
    expect(helms).toHaveLength(2);
  });

  test('says so when the earlier revision is unhealthy too', async () => {
    const { outputs, summary } = await rolledBack(['1', '2']);
    expect(outputs).toMatchObject({
      'rolled-back': 'false',
      'rollback-needed': 'true',
      'rollback-verdict': 'unhealthy',
    });
    expect(summary).toContain('but the earlier revision is unhealthy too: pods: pod/api');
    expect(summary).not.toContain('the earlier one serves');
  });
});
