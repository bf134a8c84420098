import { circles } from '../imports/circles.ts';
import { importGraph } from '../imports/import-graph.ts';
import { readSources } from '../imports/sources.ts';
import { crowdedFolders } from './crowded-folders.ts';
import { doubledNames } from './doubled-names.ts';
import { folderProblems, type FolderTable } from './folder-layers.ts';
import { layerProblems, type LayerTable } from './layering.ts';
import { finishedFiles, type Unfinished } from './unfinished.ts';

/** What a checkout's rooms are held to. */
export interface Structure {
  root: string;
  layers: LayerTable;
  folders: FolderTable;
  /** Names that two files may still share. */
  doubled: readonly string[];
  unfinished: Unfinished;
}

/**
 * What is wrong with the rooms of a checkout, one line each: layers of packages and of their folders,
 * circles, crowded folders, doubled names, and exceptions that are no longer needed.
 */
export async function structureProblems(structure: Structure): Promise<readonly string[]> {
  const { root, layers, folders, doubled, unfinished } = structure;
  const sources = readSources(root);
  const files = [...sources.keys()];
  const graph = importGraph(sources);
  return [
    ...layerProblems(root, layers),
    ...folderProblems(folders, graph),
    ...circles(graph).map((group) => `these files import each other: ${group.join(', ')}`),
    ...crowdedFolders(files),
    ...doubledNames(files, doubled),
    ...(await finishedFiles(root, unfinished)),
  ];
}
