import { describe, expect, test } from '@jest/globals';
import { roomsPicture } from '../../docs/rooms/picture.ts';
import { essentialArrows, roomsOf } from '../../docs/rooms/room-graph.ts';
import { betweenMarkers } from '../../docs/markers.ts';

const graph = new Map([
  ['actions/deploy/src/main.ts', ['packages/helm/src/index.ts', 'packages/runtime/src/index.ts']],
  ['packages/helm/src/index.ts', ['packages/helm/src/upgrade/index.ts']],
  [
    'packages/helm/src/upgrade/index.ts',
    ['packages/helm/src/tool/index.ts', 'packages/runtime/src/index.ts'],
  ],
  ['packages/helm/src/tool/index.ts', []],
  ['packages/helm/test/x.test.ts', ['packages/testing/src/index.ts']],
  ['packages/testing/src/index.ts', ['packages/runtime/src/index.ts']],
  ['packages/runtime/src/index.ts', []],
]);

test('rooms are packages and the actions together, with what their sources import', () => {
  const rooms = roomsOf(graph);
  expect([...rooms.keys()]).toEqual(['actions', 'helm', 'runtime']);
  expect([...(rooms.get('actions')?.imports ?? [])]).toEqual(['helm', 'runtime']);
  const folders = [...(rooms.get('helm')?.folders ?? [])].map(([name, to]) => [name, [...to]]);
  expect(folders).toEqual([
    ['upgrade', ['tool']],
    ['tool', []],
  ]);
});

test('an arrow that others imply is left out', () => {
  const arrows = essentialArrows(
    new Map([
      ['a', new Set(['b', 'c'])],
      ['b', new Set(['c'])],
      ['c', new Set<string>()],
    ]),
  );
  expect(arrows).toEqual([
    ['a', 'b'],
    ['b', 'c'],
  ]);
});

test('the picture names rooms and folders, and has the same bytes each time', async () => {
  const rooms = roomsOf(graph);
  const svg = await roomsPicture(rooms);
  for (const name of ['>actions<', '>helm<', '>upgrade/<', '>runtime<'])
    expect(svg).toContain(name);
  expect(svg).toContain('actions&#45;&gt;helm/upgrade');
  expect(await roomsPicture(rooms)).toBe(svg);
});

describe('what stands between markers', () => {
  test('is replaced, and nothing else', () => {
    const page = 'a\n<!-- x:start -->\nold\n<!-- x:end -->\nb\n';
    expect(betweenMarkers(page, 'x', 'new')).toBe('a\n<!-- x:start -->\nnew\n<!-- x:end -->\nb\n');
  });

  test('is missed when a marker is', () => {
    expect(() => betweenMarkers('a', 'x', 'new')).toThrow('it lacks the markers');
  });
});
