import { errorMessage, type Clock, type Log } from '@slipway/runtime';
import type { Query } from './calls.ts';
import { followObjects } from './follow.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import type { KubeObject } from './objects.ts';

/** The objects of one list, kept by one watch. */
export interface ObjectFeed<T extends KubeObject> {
  /** As they are now; undefined while changes may go unseen. Throws what ended the following, if no refusal did. */
  objects(): readonly T[] | undefined;
  /** Why these credentials may not list or watch them, and since when; undefined while they may. */
  refusal(): { error: KubeError; atMs: number } | undefined;
  /** Lists anew: what was told before is not trusted any more. */
  restart(): void;
  stop(): Promise<void>;
}

/** After a watch that broke off. */
const pauseMs = 1_000;

interface Ports {
  client: KubeClient;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/**
 * Follows the objects at `path` from a list and the watch that goes on from its version, until stopped, refused or
 * the signal aborts. `onChange` is called at each change of `objects()`, in order, so that none is passed over.
 * Where the watch breaks off they are unknown until they have been listed anew.
 */
export function feedObjects<T extends KubeObject>(
  ports: Ports,
  path: string,
  query: Query,
  onChange: () => void,
): ObjectFeed<T> {
  const { clock, log } = ports;
  const stop = new AbortController();
  const over = AbortSignal.any([ports.signal, stop.signal]);
  let known: Map<string, T> | undefined;
  let refusal: ReturnType<ObjectFeed<T>['refusal']>;
  let failure: { error: unknown } | undefined;
  let again = new AbortController();

  const set = (objects: Map<string, T> | undefined): void => {
    known = objects;
    onChange();
  };
  /** One list and its watches; returns when they broke off. */
  const follow = async (signal: AbortSignal): Promise<void> => {
    const objects = new Map<string, T>();
    const scope = { path, query };
    for await (const change of followObjects<T>(ports, scope.path, scope.query, signal)) {
      if (change.type === 'LOST') return;
      if (change.type === 'SYNC') {
        set(objects);
        continue;
      }
      const uid = change.object.metadata?.uid ?? '';
      if (change.type === 'DELETED') objects.delete(uid);
      else objects.set(uid, change.object);
      if (known !== undefined) onChange();
    }
  };
  const run = async (): Promise<void> => {
    while (!over.aborted) {
      again = new AbortController();
      await follow(AbortSignal.any([over, again.signal]));
      if (known !== undefined) set(undefined);
      if (!again.signal.aborted) await clock.sleep(pauseMs, over).catch(() => undefined);
    }
  };
  const done = run()
    .catch((error: unknown) => {
      log.debug(`${path} is not watched: ${errorMessage(error)}`);
      if (error instanceof KubeError) refusal = { error, atMs: clock.now() };
      else failure = { error };
      set(undefined);
    })
    // Whoever asks for the objects is told: thrown from here, nobody could catch it.
    .catch((error: unknown) => {
      failure ??= { error };
    });
  return {
    objects: () => {
      if (failure !== undefined) throw failure.error;
      return known === undefined ? undefined : [...known.values()];
    },
    refusal: () => refusal,
    restart: () => again.abort(),
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}
