import { afterEach, describe, expect, test } from '@jest/globals';
import { createPrometheusClient } from '@slipway/prometheus';
import type { Fault, SteppedClock } from '@slipway/testing';
import { api } from '../../rollout/test/shop-cluster.ts';
import type { VerifyRequest } from '../src/index.ts';
import { servingRelease } from './watched-release.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A verification of a deployment with two ready pods, whose controllers the test plays. */
function start(
  more: Partial<VerifyRequest> = {},
  { replicas = 2, slowPrometheusMs }: { replicas?: number; slowPrometheusMs?: number } = {},
) {
  const release = servingRelease(replicas, (clock) => ({
    metrics: slowPrometheusMs === undefined ? undefined : slowPrometheus(clock, slowPrometheusMs),
    ...more,
  }));
  stops.push(() => release.job.abort());
  return { ...release, result: () => release.ended.result };
}

/** A Prometheus whose every answer takes `ms`. */
function slowPrometheus(clock: SteppedClock, ms: number): VerifyRequest['metrics'] {
  const client = createPrometheusClient({
    url: 'http://prometheus',
    auth: { kind: 'none' },
    clock,
    fetch: async (_, init) => {
      await clock.sleep(ms, init?.signal ?? undefined);
      return Response.json({ status: 'success', data: { resultType: 'vector', result: [] } });
    },
  });
  return { client, scrapes: true, assertions: [] };
}

describe('a verification', () => {
  test('of a good release is healthy at the end of its soak, and not before', async () => {
    const { begin, pass, result } = start();
    begin();
    expect(await pass(28)).toBeUndefined();
    expect(await pass(4)).toBe('healthy');
    expect(result()?.elapsedMs).toBeGreaterThanOrEqual(30_000);
    expect(result()?.elapsedMs).toBeLessThan(33_000);
  });

  test('of a good release that is scaled in while it goes on is healthy', async () => {
    const { begin, pass, putDeployment, putPod, removePod } = start({}, { replicas: 3 });
    begin();
    await pass(12);
    putDeployment(2, 2);
    putPod({ uid: '3', ready: true, deleted: true });
    await pass(1);
    putPod({ uid: '3', deleted: true, restarts: 1, ended: { reason: 'Error', exitCode: 137 } });
    await pass(1);
    removePod('3');
    expect(await pass(50)).toBe('healthy');
  });

  test('begins its soak anew when a drained pod is replaced', async () => {
    const { begin, pass, putPod, removePod, putDeployment } = start();
    begin();
    await pass(20);
    putPod({ uid: '2', ready: true, deleted: true });
    putDeployment(2, 1);
    await pass(2);
    removePod('2');
    putPod({ uid: '3', ready: false });
    await pass(3);
    putPod({ uid: '3', ready: true });
    putDeployment(2, 2);
    expect(await pass(25)).toBeUndefined();
    expect(await pass(10)).toBe('healthy');
  });

  test('is unhealthy within two seconds of a crash of a pod that is to stay', async () => {
    const { begin, pass, putPod, result } = start();
    begin();
    await pass(10);
    putPod({ uid: '1', restarts: 1, ended: { reason: 'Error', exitCode: 3 } });
    expect(await pass(2)).toBe('unhealthy');
    expect(result()?.cause).toContain('exit code 3');
  });

  test('sees a crash as soon while Prometheus takes nine seconds for an answer', async () => {
    const { begin, pass, putPod } = start({}, { slowPrometheusMs: 9_000 });
    begin();
    await pass(10);
    putPod({ uid: '1', restarts: 1, ended: { reason: 'Error', exitCode: 3 } });
    expect(await pass(2)).toBe('unhealthy');
  });

  test('of a release that is never ready is unhealthy at the deadline, however slow Prometheus is', async () => {
    const { begin, pass, putPod, putDeployment } = start({}, { slowPrometheusMs: 1_500 });
    putDeployment(2, 0);
    putPod({ uid: '1', ready: false });
    putPod({ uid: '2', ready: false });
    begin();
    expect(await pass(119)).toBeUndefined();
    expect(await pass(2)).toBe('unhealthy');
  });

  test.each<Fault>([
    { kind: 'unauthorized' },
    { kind: 'forbidden' },
    { kind: 'too-many-requests', retryAfterSeconds: 1 },
    { kind: 'unavailable' },
  ])('outlives a single answer of the API server that is $kind', async (fault) => {
    const { begin, pass, server } = start();
    begin();
    await pass(15);
    server.fault({ verb: 'get', path: /deployments/ }, fault);
    expect(await pass(18)).toBe('healthy');
  });

  test('tells at once that the workload does not exist', async () => {
    const { begin, pass, result } = start({ workload: { ...api, name: 'apo' } });
    begin();
    expect(await pass(2)).toBe('cannot-observe');
    expect(result()?.cause).toContain('There is no deployment/apo in namespace shop');
  });

  test('ends with what the job was cancelled for', async () => {
    const { begin, pass, job } = start();
    begin();
    await pass(5);
    job.abort(new Error('the job was cancelled'));
    await expect(pass(1)).rejects.toThrow('the job was cancelled');
  });
});
