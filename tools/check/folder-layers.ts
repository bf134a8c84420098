import { circles } from '../imports/circles.ts';
import type { ImportGraph } from '../imports/import-graph.ts';

/** Package to folder to the folders that it may import, as in tools/layers.js. */
export type FolderTable = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Where a file of a package's src stands: `folder` is undefined directly in src. */
interface Place {
  package: string;
  folder: string | undefined;
}

function placeOf(file: string): Place | undefined {
  const match = /^packages\/([^/]+)\/src\/(?:([^/]+)\/)?/.exec(file);
  return match?.[1] === undefined ? undefined : { package: match[1], folder: match[2] };
}

/** What is wrong with one import between two files of the same package; undefined when nothing is. */
function importProblem(table: FolderTable, file: string, target: string): string | undefined {
  const [from, to] = [placeOf(file), placeOf(target)];
  if (from === undefined || from.package !== to?.package || from.folder === to.folder)
    return undefined;
  if (to.folder === undefined)
    return `${file} imports ${target}: a folder imports no file directly in src`;
  if (target !== `packages/${to.package}/src/${to.folder}/index.ts`)
    return `${file} imports ${target}: enter ${to.folder}/ through its index.ts`;
  if (from.folder === undefined) return undefined;
  if (table[from.package]?.[from.folder]?.includes(to.folder) === true) return undefined;
  return `${file} imports ${target}: ${from.folder}/ may not import ${to.folder}/ (folders in tools/layers.js)`;
}

/** Where the table and the folders that are there differ, and circles within the table. */
function tableProblems(table: FolderTable, files: readonly string[]): readonly string[] {
  const there = new Set<string>();
  for (const file of files) {
    const place = placeOf(file);
    if (place?.folder !== undefined) there.add(`packages/${place.package}/src/${place.folder}`);
  }
  const problems: string[] = [];
  const named = new Set<string>();
  for (const [name, folders] of Object.entries(table)) {
    for (const group of circles(new Map(Object.entries(folders))))
      problems.push(`tools/layers.js has a circle in ${name}: ${group.join(', ')}`);
    for (const folder of Object.keys(folders)) {
      const where = `packages/${name}/src/${folder}`;
      named.add(where);
      if (!there.has(where)) problems.push(`tools/layers.js names ${where}, which is not there`);
      else if (!files.includes(`${where}/index.ts`)) problems.push(`${where} has no index.ts`);
    }
  }
  for (const where of there)
    if (!named.has(where)) problems.push(`${where} has no entry in folders of tools/layers.js`);
  return problems;
}

/**
 * What contradicts the table of folders: an import that goes past a folder's index.ts, against its
 * row or back to src, and a folder or a row without the other.
 */
export function folderProblems(table: FolderTable, graph: ImportGraph): readonly string[] {
  const imports = [...graph].flatMap(([file, targets]) =>
    targets.map((target) => importProblem(table, file, target)),
  );
  return [
    ...tableProblems(table, [...graph.keys()]),
    ...imports.filter((problem) => problem !== undefined),
  ];
}
