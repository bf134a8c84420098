import { ExecError, type Exec } from '@slipway/exec';
import { gitIn } from '@slipway/go';
import { InputError } from '@slipway/runtime';
import {
  derivedServiceName,
  fleetFileNames,
  goPlace,
  readOwnFile,
  readRootFleet,
  type Discovery,
  type Repository,
} from '../service/index.ts';

/** A deployment on record, of a service that the plan does not know. */
export interface ForeignDeployment {
  service: string;
  commit: string;
  version: string;
  release: string;
  namespace: string;
  /** Empty for the only place. */
  target: string;
}

/**
 * The names that the folder of a program may give a service: a service has its program in its own folder or
 * below, and the one at the root is called as its module.
 */
function namesOf({ modules }: Repository, folder: string): readonly string[] {
  return [...folder.split('/'), goPlace(modules, folder).moduleName];
}

/**
 * The names that the files of the repository say of services or give them by their folders, whatever call plans
 * these; undefined when they cannot be told.
 */
async function namesInFiles(
  exec: Exec,
  root: string,
  planned: ReadonlySet<string>,
): Promise<readonly string[] | undefined> {
  const patterns = fleetFileNames.map((name) => `:(glob)**/${name}`);
  try {
    const listed = await gitIn(exec, root)(['ls-files', '-z', '--', ...patterns]);
    const folders = listed
      .split('\0')
      .filter((file) => file.includes('/'))
      .map((file) => file.slice(0, file.lastIndexOf('/')));
    const fleet = await readRootFleet(root);
    const names = (fleet?.services ?? []).map(({ settings }) => settings.name);
    for (const folder of new Set(folders)) {
      const own = await readOwnFile(root, folder);
      names.push(own?.settings.name);
      if (!planned.has(folder)) names.push(folder.slice(folder.lastIndexOf('/') + 1));
    }
    return names.filter((name) => name !== undefined);
  } catch (error) {
    if (error instanceof ExecError || error instanceof InputError) return undefined;
    throw error;
  }
}

/**
 * Those of `deployments` whose service is in no folder any more: it was renamed or taken away, and what is
 * deployed of it stays. One that a program or a `slipway.yml` of the repository could be of, which another call
 * plans, is left out; without an import graph, or where such a file cannot be read, nobody can tell, and none is.
 */
export async function goneServices(
  exec: Exec,
  { repository, services }: Pick<Discovery, 'repository' | 'services'>,
  deployments: readonly ForeignDeployment[],
): Promise<readonly ForeignDeployment[]> {
  const { graph, root } = repository;
  if (graph === undefined || deployments.length === 0) return [];
  const mains = new Set(services.map(({ mainFolder }) => mainFolder));
  const others = [...graph.packages.values()].filter(
    ({ isMain, folder }) => isMain && !mains.has(folder || '.'),
  );
  const said = await namesInFiles(exec, root, new Set(services.map((each) => each.path)));
  if (said === undefined) return [];
  const given = [...said, ...others.flatMap(({ folder }) => namesOf(repository, folder))];
  const names = new Set(given.map(derivedServiceName));
  return deployments.filter(({ service }) => !names.has(service));
}
