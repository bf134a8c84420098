import {
  fakeApiServer,
  fakeLog,
  steppedClock,
  type FakeApiServer,
  type SteppedClock,
} from '@slipway/testing';
import { lockRelease, type LockRequest, type ReleaseLock } from '../../src/index.ts';

export const path = '/apis/coordination.k8s.io/v1/namespaces/shop/leases/slipway-api';
export const leases = /\/leases/;

/** A refusal after which nobody knows whether a change was made. */
export const timeout = {
  code: 504,
  reason: 'Timeout',
  message: 'request did not complete in time',
};

export interface Scene {
  clock: SteppedClock;
  server: FakeApiServer;
  /** Begins to take the lock for a job; the time stands still meanwhile. */
  lock: (owner: string, more?: Partial<LockRequest>) => Promise<ReleaseLock>;
  /** The lock of a job that need not wait for it. */
  held: (owner: string) => Promise<ReleaseLock>;
  holder: () => string | undefined;
  /** Writes the lease as somebody else would. */
  write: (holder: string, renewedMs?: number) => void;
}

/** A namespace in which jobs take the lock of the release `api`; its time stands still until it is moved on. */
export function scene(): Scene {
  const clock = steppedClock();
  const server = fakeApiServer({ clock, namespaces: ['shop'] });
  const log = fakeLog();
  const signal = new AbortController().signal;
  const lock: Scene['lock'] = (owner, more) =>
    lockRelease({
      ...{ kube: server.client(), clock, log, signal, owner },
      ...{ release: 'api', namespace: 'shop', timeoutMs: 300_000 },
      ...more,
    });
  return {
    clock,
    server,
    lock,
    held: async (owner) => {
      const taking = lock(owner);
      await clock.advance(5_000);
      return await taking;
    },
    holder: () => {
      const { spec } = (server.object(path) ?? {}) as { spec?: { holderIdentity?: string } };
      return spec?.holderIdentity;
    },
    write: (holder, renewedMs = clock.now()) => {
      server.put({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'slipway-api', namespace: 'shop' },
        spec: {
          holderIdentity: holder,
          leaseDurationSeconds: 20,
          renewTime: new Date(renewedMs).toISOString(),
        },
      } as never);
    },
  };
}
