import { afterEach, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '@slipway/kube';
import { fakeLog, steppedClock } from '@slipway/testing';
import { observeRollouts, rolloutTruth, type RolloutObserver } from '../src/index.ts';
import { api, shopCluster } from './shop-cluster.ts';

const open: RolloutObserver[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((observer) => observer.stop()));
});

const kindOf = (group: string, version: string, kind: string, resource: string) => ({
  ...{ group, version, kind, resource },
  ...{ namespaced: true, status: true, generation: true },
});
const makers = [
  kindOf('cert-manager.io', 'v1', 'Certificate', 'certificates'),
  kindOf('external-secrets.io', 'v1beta1', 'ExternalSecret', 'externalsecrets'),
];

function start(kinds: Parameters<typeof shopCluster>[1] = []) {
  const clock = steppedClock();
  const cluster = shopCluster(clock, kinds);
  const signal = new AbortController().signal;
  const client = cluster.server.client();
  const observer = observeRollouts(
    { client, clock, log: fakeLog(), signal },
    { refs: [api], wholeNamespace: false },
  );
  open.push(observer);
  const troubles = () => rolloutTruth(observer.state(api), clock.now())?.troubles ?? [];
  const pass = async (ms = 1_000) => {
    await clock.advance(ms);
    await observer.look();
    return troubles();
  };
  const put = (object: KubeObject & Readonly<Record<string, unknown>>) =>
    cluster.server.put({
      ...object,
      metadata: { ...object.metadata, namespace: 'shop' },
    });
  cluster.putDeployment(1, 0);
  return { ...cluster, clock, observer, pass, put };
}

const waits = {
  waiting: { reason: 'CreateContainerConfigError', message: 'secret "tls" not found' },
};
const certificate = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'shop' },
  spec: { secretName: 'tls' },
};

describe('of a Secret that is missing', () => {
  test('is told which object makes it, and why that has not yet', async () => {
    const { put, putPod, pass } = start(makers);
    const conditions = [{ type: 'Ready', status: 'False', message: 'the order is pending' }];
    put({ ...certificate, status: { conditions } });
    putPod({ uid: '1', ...waits });
    await pass();
    expect(await pass()).toMatchObject([
      {
        allowedMs: undefined,
        cause: {
          message:
            'secret "tls" not found; certificate/shop is to make the Secret tls (the order is pending)',
        },
      },
    ]);
  });

  test('the maker may be of any version that the cluster serves, and be named alike', async () => {
    const { put, putPod, pass } = start(makers);
    put({
      apiVersion: 'external-secrets.io/v1beta1',
      kind: 'ExternalSecret',
      metadata: { name: 'tls' },
    });
    putPod({ uid: '1', ...waits });
    await pass();
    expect(await pass()).toMatchObject([{ allowedMs: undefined }]);
  });

  test('an object that makes another one says nothing', async () => {
    const { put, putPod, pass } = start(makers);
    put({ ...certificate, spec: { secretName: 'other' } });
    putPod({ uid: '1', ...waits });
    await pass();
    expect(await pass()).toMatchObject([{ allowedMs: 60_000 }]);
  });

  test('it is waited for longer where nobody may read who makes it', async () => {
    const { server, putPod, pass } = start(makers);
    server.forbid('list', 'certificates');
    putPod({ uid: '1', ...waits });
    await pass();
    expect(await pass()).toMatchObject([{ allowedMs: 90_000 }]);
  });

  test('makers are looked for only while it is missing, and not at each look', async () => {
    const { server, putPod, pass } = start(makers);
    putPod({ uid: '1' });
    await pass();
    expect(server.count({ verb: 'discover' })).toBe(0);
    putPod({ uid: '1', ...waits });
    for (let look = 0; look < 10; look += 1) await pass(200);
    expect(server.count({ verb: 'discover', path: /^\/apis$/ })).toBe(1);
  });
});

describe('what a container printed before its end', () => {
  const loop = {
    uid: '1',
    restarts: 1,
    waiting: { reason: 'CrashLoopBackOff' },
    ended: { reason: 'Error', exitCode: 1 },
  };
  const log = { namespace: 'shop', pod: 'api-1', container: 'main' };

  test('decides whether its second end is one too many, and is not kept', async () => {
    const { server, observer, putPod, pass } = start();
    server.setLog(log, 'very-secret: flag provided but not defined: -port\n');
    putPod(loop);
    await pass();
    expect(await pass()).toMatchObject([{ allowedMs: 0 }]);
    expect(JSON.stringify(observer.recording(api))).not.toContain('very-secret');
  });

  test('is read once for each end', async () => {
    const { server, putPod, pass } = start();
    server.setLog(log, 'dial tcp 10.0.0.7:5432: connect: connection refused\n');
    putPod(loop);
    for (let look = 0; look < 5; look += 1) await pass();
    expect(await pass()).toMatchObject([{ allowedMs: undefined }]);
    const reads = server.count({ verb: 'get', path: /\/log$/ });
    putPod({ ...loop, restarts: 2 });
    await pass();
    await pass();
    expect(server.count({ verb: 'get', path: /\/log$/ })).toBe(2 * reads);
  });

  test('still counts when the kubelet has removed the container of a later end with its log', async () => {
    const { server, putPod, pass } = start();
    server.setLog(log, 'exec format error\n');
    putPod(loop);
    await pass();
    server.setLog(log, 'unable to retrieve container logs for containerd://0a1b');
    putPod({ ...loop, restarts: 2 });
    await pass();
    expect(await pass()).toMatchObject([{ allowedMs: 0 }]);
  });

  test.each([
    ['that cannot be started', { reason: 'StartError', exitCode: 128 }, 0],
    [
      'that its node had no time to start',
      { reason: 'StartError', exitCode: 128, message: 'context deadline exceeded' },
      undefined,
    ],
    ['whose shell knows no such command', { reason: 'Error', exitCode: 127 }, 0],
    [
      'with such words in its message',
      { reason: 'Error', exitCode: 1, message: 'DB_URL is required' },
      0,
    ],
    ['with nothing of the kind', { reason: 'Error', exitCode: 1, message: 'stopped' }, undefined],
  ])('is not all that counts: a container %s, without a log', async (_, ended, allowedMs) => {
    const { putPod, pass } = start();
    putPod({ ...loop, ended });
    await pass();
    expect(await pass()).toMatchObject([{ allowedMs }]);
  });

  test('that may not be read leaves its ends unclear', async () => {
    const { server, putPod, pass } = start();
    server.forbid('get', 'pods');
    putPod(loop);
    await pass();
    expect(await pass()).toMatchObject([{ allowedMs: undefined }]);
  });
});
