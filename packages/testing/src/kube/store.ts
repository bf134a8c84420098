import type { KubeObject } from '@slipway/kube';

/** An object in the store: it has a name and a version for certain. */
export type StoredObject = KubeObject & {
  metadata: { name: string; resourceVersion: string; uid: string };
};

/** One change, as watches tell it. */
export interface StoreChange {
  version: number;
  key: string;
  before: StoredObject | undefined;
  /** The object as it is now; its last state when it went away. */
  object: StoredObject;
  gone: boolean;
}

/** Objects by key, each change of which has a number of its own. */
export interface Store {
  version(): number;
  get(key: string): StoredObject | undefined;
  /** In the order of their keys. */
  list(prefix: string): readonly StoredObject[];
  /** Writes an object under a new version, which it returns with it. */
  write(
    key: string,
    object: KubeObject & { metadata: { name: string; uid: string } },
  ): StoredObject;
  /** Takes an object away; a change of its own version. */
  remove(key: string): void;
  /** The changes after `version`; undefined when they are no longer known. */
  since(version: number): readonly StoreChange[] | undefined;
  /** The oldest version from which changes are known. */
  oldest(): number;
  /** Forgets all changes so far. */
  forget(): void;
  /** Calls `listen` with each change; call what it returns to end that. */
  subscribe(listen: (change: StoreChange) => void): () => void;
}

const firstVersion = 1_000;

/** A store without objects. */
export function createStore(): Store {
  const objects = new Map<string, StoredObject>();
  const listeners = new Set<(change: StoreChange) => void>();
  let changes: StoreChange[] = [];
  let version = firstVersion;
  let oldest = firstVersion;
  const tell = (change: StoreChange): void => {
    changes.push(change);
    for (const listen of [...listeners]) listen(change);
  };
  const stamped = (object: KubeObject & { metadata: { name: string; uid: string } }) => {
    version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    // What JSON cannot say is not in an API server either.
    return JSON.parse(JSON.stringify({ ...object, metadata })) as StoredObject;
  };
  return {
    version: () => version,
    get: (key) => objects.get(key),
    list: (prefix) =>
      [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, object]) => object),
    write: (key, object) => {
      const before = objects.get(key);
      const written = stamped(object);
      objects.set(key, written);
      tell({ version, key, before, object: written, gone: false });
      return written;
    },
    remove: (key) => {
      const before = objects.get(key);
      if (before === undefined) return;
      objects.delete(key);
      const object = stamped(before);
      tell({ version, key, before, object, gone: true });
    },
    since: (from) =>
      from < oldest ? undefined : changes.filter((change) => change.version > from),
    oldest: () => oldest,
    forget: () => {
      changes = [];
      oldest = version;
    },
    subscribe: (listen) => {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
  };
}
