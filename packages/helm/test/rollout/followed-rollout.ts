import type { KubeObject } from '@slipway/kube';
import { createProgressLog, type FailFast } from '@slipway/rollout';
import { fakeApiServer, fakeLog, steppedClock } from '@slipway/testing';
import { followRollout, type RolloutOutcome } from '../../src/rollout/follow.ts';
import type { RolloutTarget } from '../../src/rollout/targets.ts';

export type Json = KubeObject & Readonly<Record<string, unknown>>;

export const labels = { app: 'api' };
export const target: RolloutTarget = {
  ref: { kind: 'statefulset', name: 'api', namespace: 'shop' },
  hook: false,
  onDelete: false,
  changed: true,
  account: 'none',
  before: { uid: 's', generation: 1 },
};

/** A stateful set and its pod, whose controllers the test plays. */
export function start(
  over: {
    target?: Partial<RolloutTarget>;
    deadlineMs?: number;
    failFast?: FailFast;
    leftRevision?: string;
  } = {},
) {
  const clock = steppedClock();
  const server = fakeApiServer({ clock, namespaces: ['shop'] });
  const log = fakeLog();
  const stop = new AbortController();
  let applied = false;
  const putSet = (generation: number, ready: number, strategy: object = {}): void => {
    server.put<Json>({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'api', namespace: 'shop', uid: 's', generation },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels } },
        updateStrategy: strategy,
      },
      status: {
        observedGeneration: generation,
        readyReplicas: ready,
        updatedReplicas: ready,
        currentRevision: 'r',
        updateRevision: 'r',
      },
    });
  };
  const putPod = (status: object, revision = 'r'): void => {
    server.put<Json>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'api-0',
        namespace: 'shop',
        uid: 'p',
        labels: { ...labels, 'controller-revision-hash': revision },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'api', uid: 's', controller: true },
        ],
      },
      spec: { restartPolicy: 'Always', containers: [{ name: 'main' }] },
      status: { phase: 'Pending', ...status },
    });
  };
  const follow = () => {
    const rollout = followRollout({
      kube: server.client(),
      clock,
      log,
      progress: createProgressLog(log, clock),
      targets: [{ ...target, ...over.target }],
      applied: () => applied,
      failFast: over.failFast ?? 'normal',
      ...(over.leftRevision === undefined
        ? {}
        : { leftRevisions: { 'shop/statefulset/api': over.leftRevision } }),
      deadlineMs: clock.now() + (over.deadlineMs ?? 120_000),
      signal: stop.signal,
    });
    let outcome: RolloutOutcome | undefined;
    void rollout.outcome.then(
      (value) => (outcome = value),
      () => undefined,
    );
    return { rollout, outcome: () => outcome };
  };
  const apply = (): void => {
    applied = true;
  };
  return { clock, server, log, stop, putSet, putPod, apply, follow };
}

export const waiting = (reason: string, message = '', restartCount = 0) => ({
  containerStatuses: [
    {
      name: 'main',
      image: 'api:1',
      ready: false,
      restartCount,
      state: { waiting: { reason, message } },
    },
  ],
});
export const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
