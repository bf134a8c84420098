import type { Pod } from '@slipway/kube';
import type { PodRecord, RolloutTruth } from '@slipway/rollout';
import { systemClock } from '@slipway/runtime';
import {
  fakeApiServer,
  listenOnLoopback,
  type FakeApiServer,
  type LoopbackApiServer,
} from '@slipway/testing';
import type { Finding } from '../../src/index.ts';
import {
  countSentRequests,
  createProbeCheck,
  type ProbeRequest,
  type SentRequests,
} from '../../src/observe/index.ts';

type Spec = NonNullable<Pod['spec']>;
type Container = Spec['containers'][number];

/** A container as the API gives it; ports and probes are the test's own. */
export function container(name: string, more: Partial<Container> = {}): Container {
  return { name, image: 'x', ...more };
}

/** A pod that runs, and that the kubelet holds ready. */
export function readyPod(
  containers: readonly Container[],
  more: Partial<Pod> = {},
  name = 'api-1',
): Pod {
  const { spec, ...others } = more;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: name },
    spec: { containers: [...containers], ...spec },
    status: {
      podIP: '10.0.0.1',
      containerStatuses: containers.map((one) => ({
        name: one.name,
        image: 'x',
        imageID: 'x',
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: {} },
      })),
    },
    ...others,
  };
}

/** A namespace of pods that are asked for real, through an API server on loopback. */
export interface ProbedPods {
  api: FakeApiServer;
  server: LoopbackApiServer;
  sent: SentRequests;
  /** What the kubelet says from now on. */
  setReady: (pod: string, ready: boolean) => void;
  /** Connects the ports of a pod to servers. */
  expose: (pod: string, port: number, loopbackPort: number) => void;
  /** Asks until `enough` of the findings, or for half a minute. */
  findings: (
    request?: Partial<ProbeRequest>,
    until?: { enough?: (findings: readonly Finding[]) => boolean },
  ) => Promise<readonly Finding[]>;
  evidence: () => unknown;
  close: () => Promise<void>;
}

const patienceMs = 30_000;

const settled = (findings: readonly Finding[]): boolean =>
  findings.length > 0 &&
  findings.every(({ state, settled }) => state === 'good' || state === 'bad' || settled === true);

/** Puts `pods` into a namespace. */
export async function probedPods(pods: readonly Pod[]): Promise<ProbedPods> {
  const api = fakeApiServer({ clock: systemClock, namespaces: ['shop'] });
  for (const pod of pods) api.put(pod);
  const server = await listenOnLoopback(api);
  const sent = countSentRequests();
  const records = pods.map((pod): PodRecord => ({
    pod,
    startedMs: 0,
    ready: true,
    everReady: true,
    flapsMs: [],
    ends: [],
    leaving: false,
    gone: false,
  }));
  let evidence: unknown;
  // Of all that a truth says, the pods that are to stay.
  const truth = (): RolloutTruth => ({ present: records }) as unknown as RolloutTruth;
  return {
    api,
    server,
    sent,
    setReady: (name, ready) => {
      for (const record of records) if (record.pod.metadata?.name === name) record.ready = ready;
    },
    expose: (pod, port, loopbackPort) =>
      server.expose({ namespace: 'shop', pod, port }, loopbackPort),
    findings: async (request = {}, { enough = settled } = {}) => {
      const stop = new AbortController();
      const check = createProbeCheck(
        { client: server.client(), clock: systemClock, sent },
        {
          probes: {
            paths: 'auto',
            port: undefined,
            scheme: undefined,
            // No test is about an answer that comes late on a busy machine.
            timeoutMs: 20_000,
            ...request,
          },
          namespace: 'shop',
          intervalMs: 60,
        },
        { truth, workload: () => undefined },
        () => undefined,
      );
      const began = Date.now();
      const running = check.run(stop.signal);
      const now = (): readonly Finding[] => {
        const nowMs = Date.now();
        return check.findings({
          nowMs,
          beganMs: began,
          elapsedMs: nowMs - began,
          deadlineMs: 60_000,
        });
      };
      while (!enough(now()) && Date.now() - began < patienceMs)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const got = now();
      evidence = check.evidence();
      stop.abort();
      await running;
      return got;
    },
    evidence: () => evidence,
    close: () => server.close(),
  };
}
