import { promises as fs } from 'node:fs';
import path from 'node:path';
import { globMatcher } from '@slipway/glob';
import { InputError, quoted } from '@slipway/runtime';
import { readYaml } from '@slipway/yaml';
import { maxMatrixJobs } from './matrix.ts';
import { isServiceName, maxServiceNameLength, type Service } from './service.ts';
import { readServiceSettings, settingsFiles, type ServiceSettings } from './service-settings.ts';

/** What discovery reads of the caller's inputs. */
export interface ServiceSelection {
  /** Globs of folders relative to `root`; one that begins with `!` takes folders out again. */
  globs: readonly string[];
  targets: readonly string[];
  cgo: string;
}

/**
 * The services below `root`: folders that match the globs and hold a Go main package (in the folder
 * itself or under `cmd`). Throws an InputError when there is none, when two have one name, or when a
 * name cannot be that of a release.
 */
export async function discoverServices(
  root: string,
  selection: ServiceSelection,
): Promise<readonly Service[]> {
  const wanted = selection.globs.filter((glob) => !glob.startsWith('!'));
  const unwanted = selection.globs
    .filter((glob) => glob.startsWith('!'))
    .map((glob) => globMatcher(glob.slice(1)));
  const depth = Math.max(
    ...wanted.map((glob) => (glob.includes('**') ? 6 : glob.split('/').length)),
  );
  const matchers = wanted.map(globMatcher);
  const services: Service[] = [];
  for (const folder of await foldersBelow(root, depth)) {
    if (!matchers.some((matches) => matches(folder))) continue;
    if (unwanted.some((matches) => matches(folder))) continue;
    const service = await readService(root, folder, selection);
    if (service !== undefined) services.push(service);
  }
  checkServices(services, selection.globs);
  return services;
}

function checkServices(services: readonly Service[], globs: readonly string[]): void {
  if (services.length === 0)
    throw new InputError(
      `services: no folder that matches ${globs.map(quoted).join(', ')} holds a Go main package.`,
      { next: 'Check out the repository before this step, and name the folders of its services.' },
    );
  if (services.length > maxMatrixJobs)
    throw new InputError(
      `services: ${services.length} services are more than the ${maxMatrixJobs} that one matrix holds.`,
    );
  const paths = new Map<string, string>();
  for (const { name, path: at } of services) {
    const other = paths.get(name);
    if (other !== undefined)
      throw new InputError(
        `services: ${quoted(other)} and ${quoted(at)} both make a service named ${name}.`,
      );
    paths.set(name, at);
  }
}

async function foldersBelow(root: string, depth: number): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (folder: string, left: number): Promise<void> => {
    const entries = await fs.readdir(path.join(root, folder), { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isDirectory()).sort(byName)) {
      // The go command passes over the same names.
      if (/^[._]|^(?:vendor|node_modules|testdata)$/.test(name)) continue;
      const below = folder === '' ? name : `${folder}/${name}`;
      found.push(below);
      if (left > 1) await visit(below, left - 1);
    }
  };
  await visit('', depth);
  return found;
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

async function readService(
  root: string,
  folder: string,
  selection: ServiceSelection,
): Promise<Service | undefined> {
  const settings = await readSettings(root, folder);
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  const mainPackage = settings.package ?? (await findMainPackage(root, folder, name));
  if (mainPackage === undefined) return undefined;
  if (!isServiceName(name))
    throw new InputError(
      `services: the folder ${quoted(folder)} cannot name a service: use lower-case letters, digits and "-", at most ${maxServiceNameLength}.`,
      { next: 'Rename the folder, or take it out with a line that begins with "!".' },
    );
  const chart = await findChart(root, folder, name, settings.chart);
  const targets = settings.targets ?? selection.targets;
  return {
    name,
    path: folder,
    package: `./${mainPackage.replace(/^\.\//, '')}`,
    chart,
    targets,
    cgo: settings.cgo ?? selection.cgo,
    image: settings.image ?? targets.some((target) => target.startsWith('linux/')),
    sharedPaths: chart === '' ? [] : await fileDependencies(root, chart, folder),
    valueFiles: chart === '' ? {} : await findValueFiles(root, chart),
    workload: settings.workload ?? `deployment/${name}`,
  };
}

async function readSettings(root: string, folder: string): Promise<ServiceSettings> {
  for (const name of settingsFiles) {
    const text = await readText(path.join(root, folder, name));
    if (text !== undefined) return readServiceSettings(text, `${folder}/${name}`);
  }
  return {};
}

async function findMainPackage(
  root: string,
  folder: string,
  name: string,
): Promise<string | undefined> {
  if (await isMainPackage(path.join(root, folder))) return folder;
  const commands = await list(path.join(root, folder, 'cmd'));
  const ordered = commands.includes(name) ? [name] : commands;
  const mains: string[] = [];
  for (const command of ordered)
    if (await isMainPackage(path.join(root, folder, 'cmd', command)))
      mains.push(`${folder}/cmd/${command}`);
  if (mains.length > 1)
    throw new InputError(
      `services: ${quoted(folder)} has ${mains.length} main packages under cmd and none is named ${name}.`,
      { next: `Name the one to release in ${folder}/slipway.yml, as in "package: ${mains[0]}".` },
    );
  return mains[0];
}

async function isMainPackage(folder: string): Promise<boolean> {
  for (const name of await list(folder)) {
    if (!name.endsWith('.go') || name.endsWith('_test.go')) continue;
    if (/^package main\b/m.test((await readText(path.join(folder, name))) ?? '')) return true;
  }
  return false;
}

async function findChart(
  root: string,
  folder: string,
  name: string,
  set: string | undefined,
): Promise<string> {
  for (const candidate of set === undefined ? [`${folder}/chart`, `charts/${name}`] : [set])
    if ((await readText(path.join(root, candidate, 'Chart.yaml'))) !== undefined) return candidate;
  if (set !== undefined)
    throw new InputError(`${folder}/slipway.yml: chart: ${quoted(set)} holds no Chart.yaml.`);
  return '';
}

/** Charts in this repository that `chart` depends on by `file://`. */
async function fileDependencies(
  root: string,
  chart: string,
  folder: string,
): Promise<readonly string[]> {
  const found = chart.startsWith(`${folder}/`) ? [] : [chart];
  const name = `${chart}/Chart.yaml`;
  const text = (await readText(path.join(root, name))) ?? '';
  const value = readYaml(text, { name, rules: 'helm' });
  const dependencies = (value as { dependencies?: unknown } | undefined)?.dependencies;
  for (const dependency of Array.isArray(dependencies) ? (dependencies as unknown[]) : []) {
    const repository = (dependency as { repository?: unknown } | null)?.repository;
    if (typeof repository !== 'string' || !repository.startsWith('file://')) continue;
    const target = path.posix.join(chart, repository.slice('file://'.length));
    if (!target.startsWith('..')) found.push(target);
  }
  return found;
}

/** `values-<environment>.yaml` beside the chart's own values. */
async function findValueFiles(
  root: string,
  chart: string,
): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const name of await list(path.join(root, chart))) {
    const environment = /^values-([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\.ya?ml$/.exec(name)?.[1];
    if (environment !== undefined) files[environment] = `${chart}/${name}`;
  }
  return files;
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return (await fs.readdir(folder)).sort();
  } catch {
    return [];
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
