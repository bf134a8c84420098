import type { CacheScope } from './runtime-token.ts';

/** One cache entry. `size` is known once it is finalized. */
export interface CacheEntry {
  id: number;
  key: string;
  version: string;
  scope: string;
  size: number;
  finalized: boolean;
  /** Order of creation and of last use: counters, so that two in the same millisecond still have one. */
  created: number;
  used: number;
}

/** The entries of one repository, with the scope, matching and eviction rules of GitHub's service. */
export interface CacheEntries {
  /** Undefined when the key is taken in this scope. */
  reserve(key: string, version: string, scope: string): CacheEntry | undefined;
  /** Marks an entry usable and evicts the least recently used ones until the quota is kept. */
  finalize(key: string, version: string, scope: string, size: number): CacheEntry | undefined;
  /** Per scope: the exact key, then each key as a prefix, newest first. */
  find(
    keys: readonly string[],
    version: string,
    scopes: readonly CacheScope[],
  ): CacheEntry | undefined;
  /** Removes the entries of a key, in every scope. */
  remove(key: string): void;
  list(): readonly CacheEntry[];
  readonly evicted: number;
}

/** An empty store; `onEvict` frees what belongs to an evicted entry. */
export function createCacheEntries(
  quotaBytes: number,
  onEvict: (entry: CacheEntry) => void,
): CacheEntries {
  const entries = new Map<number, CacheEntry>();
  let tick = 0;
  let evicted = 0;
  const matching = (version: string, scope: string): CacheEntry[] =>
    [...entries.values()]
      .filter((entry) => entry.version === version && entry.scope === scope)
      .sort((a, b) => b.created - a.created);
  const evict = (keep: CacheEntry): void => {
    const finalized = [...entries.values()].filter((entry) => entry.finalized);
    let stored = finalized.reduce((sum, entry) => sum + entry.size, 0);
    for (const entry of finalized.sort((a, b) => a.used - b.used)) {
      if (stored <= quotaBytes) return;
      if (entry === keep) continue;
      entries.delete(entry.id);
      stored -= entry.size;
      evicted += 1;
      onEvict(entry);
    }
  };
  return {
    reserve: (key, version, scope) => {
      if (matching(version, scope).some((entry) => entry.key === key)) return undefined;
      tick += 1;
      const entry = {
        ...{ id: tick, key, version, scope, size: 0, finalized: false },
        ...{ created: tick, used: tick },
      };
      entries.set(entry.id, entry);
      return entry;
    },
    finalize: (key, version, scope, size) => {
      const entry = matching(version, scope).find((one) => one.key === key && !one.finalized);
      if (entry === undefined) return undefined;
      Object.assign(entry, { size, finalized: true });
      evict(entry);
      return entry;
    },
    find: (keys, version, scopes) => {
      for (const { scope, permission } of scopes) {
        if (permission === 'write') continue;
        const usable = matching(version, scope).filter((entry) => entry.finalized);
        const found =
          usable.find((entry) => entry.key === keys[0]) ??
          keys
            .map((key) => usable.find((entry) => entry.key.startsWith(key)))
            .find((entry) => entry !== undefined);
        if (found !== undefined) {
          tick += 1;
          found.used = tick;
          return found;
        }
      }
      return undefined;
    },
    remove: (key) => {
      for (const entry of entries.values())
        if (entry.key === key) {
          entries.delete(entry.id);
          onEvict(entry);
        }
    },
    list: () => [...entries.values()].filter((entry) => entry.finalized),
    get evicted() {
      return evicted;
    },
  };
}
