import type { Clock, Log } from '@slipway/runtime';
import { KubeError } from './kube-error.ts';
import type { Query } from './calls.ts';
import type { KubeClient } from './kube-client.ts';
import type { KubeObject } from './objects.ts';

/** One change of the followed set. `SYNC` says that everything there at that time has been told. */
export type Change<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'SYNC'; object?: undefined }
  /** The watch broke off; changes are not seen until the next SYNC or event. */
  | { type: 'LOST'; object?: undefined; error: KubeError };

interface Known<T> {
  version: string;
  object: T;
}

/** Paused between attempts to list or watch again, growing up to the last. */
const pausesMs = [200, 500, 1_000, 2_000, 5_000] as const;

/**
 * Tells every change of the objects at `path` until `signal` aborts: a list, then watches that go on
 * from the last version seen. After 410 (the version is gone) it lists again and tells the difference,
 * so that no final state is missed. Ends by throwing a KubeError only when it may not list or watch.
 */
export async function* followObjects<T extends KubeObject>(
  ports: { client: KubeClient; clock: Clock; log: Log },
  path: string,
  query: Query,
  signal: AbortSignal,
): AsyncGenerator<Change<T>> {
  const { client, clock, log } = ports;
  const known = new Map<string, Known<T>>();
  let version: string | undefined;
  let misses = 0;
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    try {
      if (version === undefined) {
        const list = await client.listAt<T>(path, query);
        yield* difference(known, list.items);
        yield { type: 'SYNC' };
        version = list.resourceVersion;
      }
      const watch = { ...query, resourceVersion: version, timeoutSeconds: 240 };
      for await (const event of client.watch<T>(path, watch, signal)) {
        misses = 0;
        version = event.object.metadata?.resourceVersion ?? version;
        if (event.type === 'BOOKMARK') continue;
        const uid = event.object.metadata?.uid ?? '';
        if (event.type === 'DELETED') known.delete(uid);
        else known.set(uid, { version, object: event.object });
        yield { type: event.type, object: event.object };
      }
    } catch (error) {
      if (stopped()) return;
      if (!(error instanceof KubeError) || error.status === 401 || error.status === 403)
        throw error;
      if (error.status === 410) version = undefined;
      else yield { type: 'LOST', error };
      log.debug(`${error.message} Going on from ${version ?? 'a new list'}.`);
      const pause = pausesMs[Math.min(misses, pausesMs.length - 1)] ?? 5_000;
      misses += 1;
      await clock.sleep(pause, signal).catch(() => undefined);
    }
  }
}

function* difference<T extends KubeObject>(
  known: Map<string, Known<T>>,
  items: readonly T[],
): Generator<Change<T>> {
  const present = new Set(items.map((item) => item.metadata?.uid ?? ''));
  for (const [uid, { object }] of known)
    if (!present.has(uid)) {
      known.delete(uid);
      yield { type: 'DELETED', object };
    }
  for (const object of items) {
    const uid = object.metadata?.uid ?? '';
    const version = object.metadata?.resourceVersion ?? '';
    const before = known.get(uid);
    if (before?.version === version) continue;
    known.set(uid, { version, object });
    yield { type: before === undefined ? 'ADDED' : 'MODIFIED', object };
  }
}
