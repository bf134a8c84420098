import type { RestoredPack } from './restore-report.ts';
import { mostPacks, type ListedPack } from './pack/index.ts';

/** Which packs stay as they are, and what of the others goes into the new one. */
export interface Joining {
  kept: ListedPack[];
  /** Paths of the packs that are given up for the new one. */
  joined: ReadonlySet<string>;
  /** What it took to make what is in them. */
  joinedWorthMs: number;
}

/**
 * Decides which packs a new one replaces. First those that are damaged or of which less than half is used; then, when there would be too
 * many, all but the largest: what changes seldom lies in that, and is not sent again because of what changes often.
 * `used` has the size of each file that the run used.
 */
export function joinPacks(
  packs: readonly RestoredPack[],
  used: ReadonlyMap<string, number>,
): Joining {
  const rated = packs
    .map((restored) => ({
      ...restored,
      usedBytes: restored.paths.reduce((sum, file) => sum + (used.get(file) ?? 0), 0),
    }))
    .sort((a, b) => b.pack.bytes - a.pack.bytes);
  // A pack that is not used at all serves others, until it has been idle for too long.
  const isWasteful = ({ usedBytes, pack, isDamaged }: (typeof rated)[number]): boolean =>
    isDamaged === true || (usedBytes > 0 && usedBytes * 2 < pack.bytes);
  const wasteful = rated.filter(isWasteful);
  const rest = rated.filter((one) => !isWasteful(one));
  const stays = rest.length < mostPacks ? rest : rest.slice(0, 1);
  const joined = [...wasteful, ...rest.slice(stays.length)];
  return {
    kept: stays.map(({ pack }) => pack),
    joined: new Set(joined.flatMap(({ paths }) => paths)),
    joinedWorthMs: joined.reduce((sum, { pack }) => sum + pack.worthMs, 0),
  };
}
