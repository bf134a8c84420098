import { circles } from '../imports/circles.ts';
import { importGraph } from '../imports/import-graph.ts';
import { readSources } from '../imports/sources.ts';
import { crowdedFolders } from './crowded-folders.ts';
import { doubledNames } from './doubled-names.ts';
import { folderProblems, type FolderTable } from './folder-layers.ts';
import { layerProblems, type LayerTable } from './layering.ts';

/** What a checkout's rooms are held to. */
export interface Structure {
  root: string;
  layers: LayerTable;
  folders: FolderTable;
}

/**
 * What is wrong with the rooms of a checkout, one line each: layers of packages and of their folders,
 * circles, crowded folders and doubled names.
 */
export function structureProblems({ root, layers, folders }: Structure): readonly string[] {
  const sources = readSources(root);
  const files = [...sources.keys()];
  const graph = importGraph(sources);
  return [
    ...layerProblems(root, layers),
    ...folderProblems(folders, graph),
    ...circles(graph).map((group) => `these files import each other: ${group.join(', ')}`),
    ...crowdedFolders(files),
    ...doubledNames(files),
  ];
}
