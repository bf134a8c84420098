import { instance } from '@viz-js/viz';
import { essentialArrows, type Room } from './room-graph.ts';

/** Every other room imports it, so its arrows would only hide the rest. */
const floor = 'runtime';

function roomLines({ name, folders }: Room): string[] {
  if (folders.size === 0)
    return [
      `"${name}" [label="${name}", shape=box, style="rounded,filled", fillcolor="#e7f0fa", color="#0b5cad", fontname="Helvetica-Bold", margin="0.2,0.05"];`,
    ];
  const nodes = [...folders.keys()]
    .sort()
    .map((folder) => `"${name}/${folder}" [label="${folder}/"];`);
  const arrows = essentialArrows(folders).map(
    ([from, to]) => `"${name}/${from}" -> "${name}/${to}" [color="#57606a"];`,
  );
  return [
    `subgraph "cluster_${name}" {`,
    `label="${name}"; style="rounded,filled"; fillcolor="#e7f0fa"; color="#0b5cad"; fontname="Helvetica-Bold";`,
    ...nodes,
    ...arrows,
    '}',
  ];
}

/** How many folders one below the other a folder stands on. */
function depthOf(folders: Room['folders'], folder: string): number {
  return 1 + Math.max(0, ...[...(folders.get(folder) ?? [])].map((next) => depthOf(folders, next)));
}

/** The highest and the lowest folder of a room: arrows begin and end there, cut at the room's border. */
function endsOf({ name, folders }: Room): { top: string; bottom: string } {
  const byDepth = [...folders.keys()]
    .sort()
    .sort((a, b) => depthOf(folders, b) - depthOf(folders, a))
    .map((folder) => `${name}/${folder}`);
  return { top: byDepth[0] ?? name, bottom: byDepth.at(-1) ?? name };
}

function graphText(rooms: ReadonlyMap<string, Room>): string {
  const arrows = essentialArrows(
    new Map(
      [...rooms].map(([name, { imports }]) => [
        name,
        new Set([...imports].filter((to) => to !== floor)),
      ]),
    ),
  ).flatMap(([from, to]) => {
    const [tail, head] = [rooms.get(from), rooms.get(to)];
    if (tail === undefined || head === undefined) return [];
    const cut = [
      ...(tail.folders.size > 0 ? [`ltail="cluster_${from}"`] : []),
      ...(head.folders.size > 0 ? [`lhead="cluster_${to}"`] : []),
    ];
    const style = ['color="#0b5cad"', 'penwidth=1.4', 'minlen=2', ...cut].join(', ');
    return [`"${endsOf(tail).bottom}" -> "${endsOf(head).top}" [${style}];`];
  });
  const ground = rooms.get(floor);
  // Unseen arrows that keep the room on which all stand at the bottom.
  const below = [...rooms.values()]
    .filter((room) => ground !== undefined && [...room.imports].join() === floor)
    .map(
      (room) =>
        `"${endsOf(room).bottom}" -> "${ground === undefined ? '' : endsOf(ground).top}" [style=invis, minlen=2];`,
    );
  return [
    'digraph rooms {',
    'compound=true; rankdir=TB; nodesep=0.3; ranksep=0.4; bgcolor="#ffffff"; fontname="Helvetica";',
    'node [shape=box, style="rounded,filled", fillcolor="#ffffff", color="#8c959f", fontname="Helvetica", fontsize=12, height=0.3, margin="0.12,0.04"];',
    'edge [arrowsize=0.7];',
    ...[...rooms.values()].flatMap(roomLines),
    ...arrows,
    ...below,
    '}',
  ].join('\n');
}

/** The rooms with their folders and imports, as SVG that is laid out by Graphviz. */
export async function roomsPicture(rooms: ReadonlyMap<string, Room>): Promise<string> {
  const graphviz = await instance();
  return `${graphviz.renderString(graphText(rooms), { format: 'svg' }).trimEnd()}\n`;
}
