import type { Exec } from '@slipway/exec';
import {
  resolveService,
  saidAt,
  type EffectiveService,
  type ServiceFile,
  type ServiceSettings,
} from '@slipway/fleet';
import { InputError, quoted } from '@slipway/runtime';
import { mainPackages, namedPackage } from './main-package.ts';
import { goPlace } from './go-place.ts';
import { packedFiles } from './packed-files.ts';
import { readRepository, type Repository } from './repository.ts';
import { findServiceChart } from './service-chart.ts';
import { serviceFolders, type ServiceFolders } from './service-folders.ts';
import { derivedServiceName } from './service-name.ts';
import { readOwnFile } from './service-file.ts';
import type { Service } from './service.ts';

/** What discovery reads of the caller's inputs. */
export interface ServiceSelection {
  /** Globs of folders relative to the root; one that begins with `!` takes folders out again. */
  globs: readonly string[];
  targets: readonly string[];
  cgo: string;
  /** What holds for a folder (`.` is the root) with what its own slipway.yml says; that alone by default. */
  settingsOf?: (folder: string, own?: ServiceFile) => Omit<EffectiveService, 'folder'>;
}

/** The services of a checkout and the sources that they are made of. */
export interface Discovery {
  services: readonly Service[];
  repository: Repository;
}

/** A folder that may hold a service. */
interface Candidate {
  /** The root is the empty string. */
  folder: string;
  settings: ServiceSettings;
  /** Where a file says one of them, see `saidAt`. */
  said: (key: string) => string | undefined;
}

/**
 * The services below `root`: folders that match the globs and hold a Go program, in the folder itself or
 * under its `cmd`, by the go command's word. Throws an InputError when there is none, when two have one
 * name, or when no module is there.
 */
export async function discoverServices(
  exec: Exec,
  root: string,
  selection: ServiceSelection,
): Promise<Discovery> {
  const found = await serviceFolders(root, selection.globs);
  const candidates: Candidate[] = [];
  for (const folder of found.rootStandsIn ? [...found.folders, ''] : found.folders)
    candidates.push(await readCandidate(root, folder, selection));
  const repository = await readRepository(
    exec,
    root,
    [{}, ...candidates.map(({ settings }) => settings)].map(({ targets, tags }) => ({
      targets: targets ?? selection.targets,
      tags: tags ?? [],
    })),
  );
  const services: Service[] = [];
  const named = new Map<Service, string | undefined>();
  for (const candidate of await withMains(repository, candidates, found)) {
    const service = await makeService(repository, candidate, selection);
    services.push(service);
    named.set(service, candidate.said('name'));
  }
  checkServices(services, repository, { globs: selection.globs, named });
  return { services, repository };
}

/** The candidates that hold a program, each program once: the outer folder has it. */
async function withMains(
  repository: Repository,
  candidates: readonly Candidate[],
  { hasRootByName, rootStandsIn }: ServiceFolders,
): Promise<readonly (Candidate & { main: string })[]> {
  const folders = new Set(candidates.map(({ folder }) => folder));
  const taken = new Set<string>();
  const services: (Candidate & { main: string })[] = [];
  for (const candidate of candidates) {
    const { folder, settings, said } = candidate;
    if (folder === '' && rootStandsIn && services.length > 0) continue;
    const mains =
      settings.package === undefined
        ? await mainPackages(repository, folder)
        : [
            await namedPackage(repository.root, folder, {
              named: settings.package,
              said: said('package'),
            }),
          ];
    const areCandidates = mains.every((main) => main !== folder && folders.has(main));
    // What a "**" reaches under the root's cmd, or several under any, are services of their own.
    if (areCandidates && ((folder === '' && !hasRootByName) || mains.length > 1)) continue;
    const name = folder.slice(folder.lastIndexOf('/') + 1);
    const main = mains.length === 1 ? mains[0] : mains.find((each) => each.endsWith(`/${name}`));
    if (mains.length > 1 && main === undefined) throw ambiguous(folder, mains);
    if (main === undefined || taken.has(main)) continue;
    checkPlace(folder, main);
    taken.add(main);
    services.push({ folder, settings, said, main });
  }
  return services;
}

/** golang.org/x/mod/module, CheckImportPath: go builds nothing in a folder with another name. */
const importable = /^[A-Za-z0-9._~+/-]*$/;

function checkPlace(folder: string, main: string): void {
  if (!importable.test(main))
    throw new InputError(
      `services: go builds nothing in the folder ${quoted(main)}: an import path has ASCII letters, digits and "-._~+" only.`,
      { next: 'Rename the folder, or take it out with a line that begins with "!".' },
    );
  // Its chart and value files become lines of other actions' inputs.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(folder))
    throw new InputError(
      `services: the folder ${quoted(folder)} has a control or invisible character in its name.`,
      { next: 'Rename the folder, or take it out with a line that begins with "!".' },
    );
}

function ambiguous(folder: string, mains: readonly string[]): InputError {
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  const file = folder === '' ? 'slipway.yml' : `${folder}/slipway.yml`;
  return new InputError(
    `services: ${quoted(folder || '.')} has ${mains.length} main packages under cmd and none is named ${name || 'like the repository'}.`,
    {
      next: `Name the one to release in ${file}, as in "package: ${mains[0]}", or plan each with the glob ${folder === '' ? 'cmd/*' : `${folder}/cmd/*`}.`,
    },
  );
}

async function makeService(
  repository: Repository,
  { folder, settings, said, main }: Candidate & { main: string },
  selection: ServiceSelection,
): Promise<Service> {
  const place = goPlace(repository.modules, main);
  checkWorkingDirectory(place.workingDirectory, { folder, settings, said });
  const own = folder === '' ? place.moduleName : folder.slice(folder.lastIndexOf('/') + 1);
  const name = settings.name ?? derivedServiceName(own);
  if (name === undefined)
    throw new InputError(
      `services: the folder ${quoted(folder || '.')} gives its service no name: there is no letter or digit of ASCII in it.`,
      { next: `Name it in ${folder === '' ? '' : `${folder}/`}slipway.yml, as in "name: api".` },
    );
  const { chart, sharedPaths, valueFiles } = await findServiceChart(repository.root, {
    folder,
    names: [...new Set([name, own])],
    named: settings.chart?.replaceAll('{service}', name),
    said: said('chart'),
  });
  const targets = settings.targets ?? selection.targets;
  return {
    name,
    path: folder || '.',
    workingDirectory: place.workingDirectory,
    package: place.package,
    mainFolder: main || '.',
    goVersionFile: place.goVersionFile,
    goWork: place.goWork,
    tags: settings.tags ?? [],
    chart,
    targets,
    cgo: settings.cgo ?? selection.cgo,
    image:
      settings.image === undefined
        ? targets.some((target) => target.startsWith('linux/'))
        : settings.image !== false,
    sharedPaths,
    packedFiles: packedFiles(settings, place.workingDirectory),
    valueFiles,
    workload: settings.workload ?? `deployment/${name}`,
  };
}

/** The folder of the go.mod is found; one that the file names and that is another would be passed over without a word. */
function checkWorkingDirectory(found: string, { folder, settings, said }: Candidate): void {
  const key = 'working-directory';
  const named = settings[key]?.replace(/^(?:\.\/)+|\/+$/g, '') ?? '';
  if (named === '' || named === found) return;
  throw new InputError(
    `${said(key) ?? `${key} of the service in ${quoted(folder || '.')}`}: ${quoted(named)} is not the folder of the go.mod that its package belongs to, which is ${quoted(found)}.`,
    { next: `Name ${quoted(found)}, or leave the key out: the folder is found.` },
  );
}

function checkServices(
  services: readonly Service[],
  { modules }: Repository,
  { globs, named }: { globs: readonly string[]; named: ReadonlyMap<Service, string | undefined> },
): void {
  if (modules.modules.length === 0)
    throw new InputError(
      'services: there is no go.mod in this checkout, so go can build nothing.',
      {
        next: 'Check out the repository before this step; go builds modules, so one must be committed.',
      },
    );
  if (services.length === 0)
    throw new InputError(
      `services: no folder that matches ${globs.map(quoted).join(', ')} holds a Go main package.`,
      {
        next: 'Check out the repository before this step, and name the folders of its services; "." is the root.',
      },
    );
  const paths = new Map<string, string>();
  for (const service of services) {
    const { name, path: at } = service;
    const other = paths.get(name);
    if (other !== undefined)
      throw new InputError(
        `${named.get(service) ?? 'services'}: ${quoted(other)} and ${quoted(at)} both make a service named ${name}.`,
        { next: `Name one of them otherwise in ${at}/slipway.yml, as in "name: ${name}-2".` },
      );
    paths.set(name, at);
  }
}

async function readCandidate(
  root: string,
  folder: string,
  { settingsOf }: ServiceSelection,
): Promise<Candidate> {
  const own = await readOwnFile(root, folder);
  const at = folder || '.';
  const effective =
    settingsOf?.(at, own) ?? resolveService(undefined, at, { own, glob: () => () => false });
  return { folder, settings: effective.settings, said: (key) => saidAt(effective, key) };
}
