import type { Exec } from '@slipway/exec';
import { readFleet, resolveService, type EffectiveService, type Fleet } from '@slipway/fleet';
import { globMatcher } from '@slipway/glob';
import { gitIn } from '@slipway/go';
import { errorMessage } from '@slipway/runtime';
import { fleetFileNames, readRootFleet, type Service } from './service/index.ts';

/** What a changed `slipway.yml` at the root means. */
export interface SettingChanges {
  /** The file by name of the service. */
  because: ReadonlyMap<string, string>;
  /** Why all services count, when the earlier file cannot be read. */
  unsure: readonly string[];
}

/** Said of a service without a say in what is built, deployed or verified of it. */
const idle = new Set<string>(['owners', 'depends-on']);

/**
 * The services for which a changed `slipway.yml` at the root says something else than that of the commit
 * `base`: of themselves, or of the registry and the places that everything is put in. Comments, the order of lines, and when an
 * environment is used concern nobody. One in a service's own folder is a file of that service.
 */
export async function readSettingChanges(
  exec: Exec,
  question: {
    root: string;
    base: string;
    files: readonly string[];
    services: readonly Service[];
  },
): Promise<SettingChanges> {
  const { root, base, files, services } = question;
  const file = fleetFileNames.find((name) => files.includes(name));
  if (file === undefined) return { because: new Map(), unsure: [] };
  const concerned = (of: readonly Service[]): ReadonlyMap<string, string> =>
    new Map(of.map(({ name }) => [name, file]));
  try {
    const [before, after] = [await committedFleet(exec, root, base), await readRootFleet(root)];
    if (placesOf(before) !== placesOf(after)) return { because: concerned(services), unsure: [] };
    const differs = ({ path }: Service): boolean =>
      settingsOf(before, path) !== settingsOf(after, path);
    return { because: concerned(services.filter(differs)), unsure: [] };
  } catch (error) {
    const why = `${file} of ${base.slice(0, 7)} cannot be compared: ${errorMessage(error)}`;
    return { because: concerned(services), unsure: [why] };
  }
}

async function committedFleet(exec: Exec, root: string, base: string): Promise<Fleet | undefined> {
  const git = gitIn(exec, root);
  // "./" is the folder that git runs in, which need not be the top of the repository.
  const listed = await git(['ls-tree', '--name-only', base, '--', ...fleetFileNames]);
  const name = fleetFileNames.find((each) => listed.split('\n').includes(each));
  if (name === undefined) return undefined;
  return readFleet(await git(['show', `${base}:./${name}`]), name);
}

function placesOf(fleet: Fleet | undefined): string {
  const environments = (fleet?.environments ?? []).map(({ name, waves }) => ({ name, waves }));
  return JSON.stringify({ registry: fleet?.registry, environments });
}

function settingsOf(fleet: Fleet | undefined, folder: string): string {
  return sayings(resolveService(fleet, folder, { glob: globMatcher }));
}

/** What files say of a service that has a say in what is built, deployed or verified of it, to be compared. */
export function sayings({ explained }: EffectiveService): string {
  const said = explained.filter(({ key }) => !idle.has(key.split('.')[0] ?? ''));
  return JSON.stringify(said.map(({ key, value }) => [key, value]));
}
