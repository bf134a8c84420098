import { promises as fs } from 'node:fs';
import path from 'node:path';
import { InputError, quoted } from '@slipway/runtime';
import { readYaml } from '@slipway/yaml';

/** The chart of a service. Paths are relative to the repository's root. */
export interface ServiceChart {
  /** The chart's folder; empty when there is none. */
  chart: string;
  /** The chart when it lies outside the service's folder, and charts that it depends on by `file://`. */
  sharedPaths: readonly string[];
  /** `values-<environment>.yaml` beside the chart's own values. */
  valueFiles: Readonly<Record<string, string>>;
}

/** Where a service's chart is looked for. */
export interface ChartSearch {
  /** The service's folder; the root is the empty string. */
  folder: string;
  /** Names under which it may lie in `charts/`, the best first. */
  names: readonly string[];
  /** The chart that slipway.yml names, without anything left to fill in. */
  named: string | undefined;
  /** Where slipway.yml names it. */
  said?: string | undefined;
}

/** Finds a service's chart. Throws an InputError when the one that slipway.yml names is not there. */
export async function findServiceChart(root: string, search: ChartSearch): Promise<ServiceChart> {
  const chart = await findChart(root, search);
  if (chart === '') return { chart, sharedPaths: [], valueFiles: {} };
  return {
    chart,
    sharedPaths: await fileDependencies(root, chart, search.folder),
    valueFiles: await findValueFiles(root, chart),
  };
}

async function findChart(root: string, search: ChartSearch): Promise<string> {
  const { folder, names, named, said } = search;
  const usual = [below(folder, 'chart'), ...names.map((name) => `charts/${name}`)];
  for (const candidate of named === undefined ? usual : [named])
    if ((await readText(path.join(root, candidate, 'Chart.yaml'))) !== undefined) return candidate;
  if (named !== undefined)
    throw new InputError(
      `${said === undefined ? '' : `${said}: `}the chart of the service in ${quoted(folder || '.')}: ${quoted(named)} holds no Chart.yaml.`,
      { next: "Name in slipway.yml a folder that holds one, from the repository's root." },
    );
  return '';
}

async function fileDependencies(
  root: string,
  chart: string,
  folder: string,
): Promise<readonly string[]> {
  const found = folder === '' || chart.startsWith(`${folder}/`) ? [] : [chart];
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

async function findValueFiles(
  root: string,
  chart: string,
): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  const names = await fs.readdir(path.join(root, chart)).catch(() => []);
  for (const name of names.sort()) {
    const environment = /^values-([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\.ya?ml$/.exec(name)?.[1];
    if (environment !== undefined) files[environment] = `${chart}/${name}`;
  }
  return files;
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

async function readText(file: string): Promise<string | undefined> {
  return await fs.readFile(file, 'utf8').catch(() => undefined);
}
