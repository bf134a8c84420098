import type { ImportGraph } from '../../imports/import-graph.ts';

/** One package, or all actions together, as the code has it. */
export interface Room {
  name: string;
  /** Folders of its src with the folders that they really import. */
  folders: ReadonlyMap<string, ReadonlySet<string>>;
  /** Packages that it really imports. */
  imports: ReadonlySet<string>;
}

/** Test code alone imports it, so it is no room of the house. */
const scaffolding = 'testing';

/** Where a source file stands: `actions` is one room. */
function placeOf(file: string): { room: string; folder: string | undefined } | undefined {
  if (/^actions\/[^/]+\/src\//.test(file)) return { room: 'actions', folder: undefined };
  const match = /^packages\/([^/]+)\/src\/(?:([^/]+)\/)?/.exec(file);
  const [, room, folder] = match ?? [];
  return room === undefined || room === scaffolding ? undefined : { room, folder };
}

interface GrowingRoom {
  folders: Map<string, Set<string>>;
  imports: Set<string>;
}

/** What a map holds for `key`, made first when it holds nothing. */
function heldOrMade<T>(map: Map<string, T>, key: string, make: () => T): T {
  const held = map.get(key) ?? make();
  map.set(key, held);
  return held;
}

/** The rooms by name, with what their files import of each other. */
export function roomsOf(graph: ImportGraph): ReadonlyMap<string, Room> {
  const rooms = new Map<string, GrowingRoom>();
  for (const [file, targets] of graph) {
    const from = placeOf(file);
    if (from === undefined) continue;
    const room = heldOrMade(rooms, from.room, (): GrowingRoom => ({
      folders: new Map(),
      imports: new Set(),
    }));
    const folder =
      from.folder === undefined
        ? undefined
        : heldOrMade(room.folders, from.folder, () => new Set<string>());
    for (const target of targets) {
      const to = placeOf(target);
      if (to === undefined) continue;
      if (to.room !== from.room) room.imports.add(to.room);
      else if (to.folder !== undefined && to.folder !== from.folder) folder?.add(to.folder);
    }
  }
  return new Map(
    [...rooms]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, room]) => [name, { name, ...room }]),
  );
}

/**
 * The arrows of a graph without circles that others do not imply: `a → c` is left out where `a → b → c`
 * says as much.
 */
export function essentialArrows(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
): readonly (readonly [string, string])[] {
  const reaches = (from: string, to: string): boolean =>
    [...(graph.get(from) ?? [])].some((next) => next === to || reaches(next, to));
  return [...graph].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((other) => other !== to && reaches(other, to)))
      .sort()
      .map((to) => [from, to] as const),
  );
}
