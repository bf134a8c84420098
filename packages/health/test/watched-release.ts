import type { KubeObject, Pod } from '@slipway/kube';
import { fakeLog, steppedClock, type SteppedClock } from '@slipway/testing';
import { podOf, type Shape } from '../../rollout/test/recorded.ts';
import { api, shopCluster } from '../../rollout/test/shop-cluster.ts';
import {
  verifyHealth,
  type HealthStatement,
  type VerifyRequest,
  type VerifyResult,
} from '../src/index.ts';
import { sameByReplay } from './same-by-replay.ts';

/** Any object, as a test writes it. */
export type Any = KubeObject & Readonly<Record<string, unknown>>;

/** A pod of `shape` in the namespace shop, with what `over` says of its metadata and spec. */
export function shopPod(shape: Shape, over: { labels?: object; spec?: object } = {}): Any {
  const pod: Pod = podOf(shape);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...pod.metadata, namespace: 'shop', labels: { app: 'api', ...over.labels } },
    spec: { ...pod.spec, ...over.spec },
    status: pod.status,
  };
}

/** The probes that the kubelet makes. */
export const ownProbes: VerifyRequest['probes'] = {
  paths: 'auto',
  port: undefined,
  scheme: undefined,
  timeoutMs: 5_000,
};

/** A cluster whose controllers the test plays, and a verification in it that the test's clock moves on. */
export function watchedRelease(
  asked: Partial<VerifyRequest> | ((clock: SteppedClock) => Partial<VerifyRequest>) = {},
) {
  const clock = steppedClock();
  const more = typeof asked === 'function' ? asked(clock) : asked;
  const cluster = shopCluster(clock);
  const log = fakeLog();
  const job = new AbortController();
  const ended: {
    result?: VerifyResult;
    error?: unknown;
    atMs?: number;
    /** The certificate of a verification that was cancelled. */
    cut?: HealthStatement;
  } = {};
  const begin = (): void => {
    const note = (what: Pick<typeof ended, 'result' | 'error'>): void => {
      Object.assign(ended, what, { atMs: clock.now() });
    };
    verifyHealth(
      {
        ...{ client: cluster.server.client(), clock, log, signal: job.signal },
        onCutOff: (certificate) => (ended.cut = certificate),
      },
      {
        workload: api,
        images: [],
        probes: { paths: [], port: undefined, scheme: undefined, timeoutMs: 5_000 },
        metrics: undefined,
        minSoakMs: 30_000,
        deadlineMs: 120_000,
        intervalMs: 2_000,
        ...more,
      },
    )
      // Whatever a test is about, its certificate leads to the same verdict.
      .then(sameByReplay)
      .then(
        (result) => note({ result }),
        (error: unknown) => note({ error }),
      );
  };
  /** Lets seconds pass; the verdict so far. */
  const pass = async (seconds: number): Promise<VerifyResult['verdict'] | undefined> => {
    for (let second = 0; second < seconds; second += 1) await clock.advance(1_000);
    if (ended.error !== undefined) throw ended.error as Error;
    return ended.result?.verdict;
  };
  const finding = (check: string) => ended.result?.findings.find((one) => one.check === check);
  return { ...cluster, clock, log, job, begin, pass, ended, finding };
}

/** A watched release of a deployment with so many ready pods. */
export function servingRelease(
  replicas = 2,
  asked: Parameters<typeof watchedRelease>[0] = {},
): ReturnType<typeof watchedRelease> {
  const release = watchedRelease(asked);
  release.putDeployment(replicas, replicas);
  for (let pod = 1; pod <= replicas; pod += 1) release.putPod({ uid: String(pod), ready: true });
  return release;
}
