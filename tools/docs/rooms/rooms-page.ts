import { readFileSync } from 'node:fs';
import path from 'node:path';
import { importGraph } from '../../imports/import-graph.ts';
import { readSources } from '../../imports/sources.ts';
import { betweenMarkers } from '../markers.ts';
import { roomsOf, type Room } from './room-graph.ts';

/** The rooms of the checkout at `root`, as its imports are now. */
export function readRooms(root: string): ReadonlyMap<string, Room> {
  return roomsOf(importGraph(readSources(root)));
}

function purposeOf(root: string, name: string): string {
  if (name === 'actions') return 'What a user names in `uses:`. Thin.';
  const file = path.join(root, 'packages', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { description?: string }).description ?? '';
}

/** docs/architecture.md with the table of its rooms made anew. Throws when its markers are missing. */
export function withRooms(page: string, root: string, rooms: ReadonlyMap<string, Room>): string {
  const rows = [...rooms.values()].map(({ name, folders, imports }) => {
    const place = name === 'actions' ? '../actions' : `../packages/${name}/src`;
    const within = [...folders.keys()].sort().map((folder) => `\`${folder}/\``);
    return `| [${name}](${place}) | ${purposeOf(root, name)} | ${within.join(' ')} | ${[...imports].sort().join(', ')} |`;
  });
  const table = [
    '| room | what stands there | folders | imports |',
    '| --- | --- | --- | --- |',
    ...rows,
  ];
  return betweenMarkers(page, 'rooms', table.join('\n'));
}
