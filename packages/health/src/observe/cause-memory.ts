import {
  causeText,
  KubeError,
  readCauses,
  type Cause,
  type KubeClient,
  type Workload,
} from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import type { PodRecord } from '../findings/index.ts';

const everyMs = 3_000;

/** What Kubernetes names as wrong, and since when it has been so. */
export interface CauseMemory {
  /** Reads them anew, at most every few seconds. */
  refresh(workload: Workload, pods: readonly PodRecord[]): Promise<void>;
  clear(): void;
  list(): readonly { cause: Cause; forMs: number }[];
  byPod(): ReadonlyMap<string, { text: string; logTail?: string }>;
}

/** A memory of causes. Where events or logs may not be read, causes stay unnamed. */
export function createCauseMemory(ports: {
  client: KubeClient;
  clock: Clock;
  log: Log;
}): CauseMemory {
  const { client, clock, log } = ports;
  let causes: { cause: Cause; sinceMs: number }[] = [];
  let readMs = -Infinity;
  return {
    refresh: async (workload, pods) => {
      const nowMs = clock.now();
      if (nowMs - readMs < everyMs) return;
      readMs = nowMs;
      try {
        const present = pods.filter(({ leaving }) => !leaving).map(({ pod }) => pod);
        const found = await readCauses(client, workload, present);
        const same = (a: Cause, b: Cause): boolean =>
          a.object === b.object && a.reason === b.reason;
        causes = found.map((cause) => ({
          cause,
          sinceMs: causes.find((known) => same(known.cause, cause))?.sinceMs ?? nowMs,
        }));
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        log.debug(`Causes could not be read: ${error.message}`);
      }
    },
    clear: () => {
      causes = [];
    },
    list: () => causes.map(({ cause, sinceMs }) => ({ cause, forMs: clock.now() - sinceMs })),
    byPod: () =>
      new Map(
        causes.map(({ cause }) => [
          cause.object.replace(/^pod\//, ''),
          {
            text: causeText(cause),
            ...(cause.logTail === undefined ? {} : { logTail: cause.logTail }),
          },
        ]),
      ),
  };
}
