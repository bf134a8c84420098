import * as fs from 'node:fs';
import path from 'node:path';
import type { Transfer } from '../src/transfer/index.ts';

/** Entries by key, the oldest first; each a flat folder of files. */
export type Entries = Map<string, ReadonlyMap<string, Buffer>>;

/** A way to entries in memory that never fails: for what follows from which entries there are. */
export function memoryTransfer(entries: Entries, folder: string): Transfer {
  const arrivals = fs.mkdtempSync(path.join(folder, 'in-'));
  const newest = (prefix: string): string | undefined =>
    [...entries.keys()].reverse().find((key) => key.startsWith(prefix));
  return {
    arrivals,
    traffic: () => ({ received: 0, sent: 0 }),
    packedBytes: () => 0,
    exists: (key) => Promise.resolve(entries.has(key)),
    departure: () => fs.mkdtempSync(path.join(folder, 'out-')),
    fetch: ([first = '', ...others]) => {
      const key = entries.has(first)
        ? first
        : others.map(newest).find((found) => found !== undefined);
      if (key === undefined) return Promise.resolve({ kind: 'missing' });
      for (const [name, content] of entries.get(key) ?? []) {
        fs.writeFileSync(path.join(arrivals, name), content);
        // As tar does: what comes out of an archive has the time that it had in the job that made it.
        fs.utimesSync(path.join(arrivals, name), 1_700_000_000, 1_700_000_000);
      }
      return Promise.resolve({ kind: 'found', key });
    },
    store: (key, place) => {
      if (entries.has(key)) return Promise.resolve({ kind: 'taken' });
      const files = fs.readdirSync(place).map((name) => {
        const content = fs.readFileSync(path.join(place, name));
        return [name, content] as const;
      });
      entries.set(key, new Map(files));
      const packedBytes = files.reduce((sum, [, content]) => sum + content.length, 0);
      return Promise.resolve({ kind: 'stored', packedBytes });
    },
  };
}
