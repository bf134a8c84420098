import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError, readTarGz, type ArchivedFile } from '@slipway/archive';
import { errorMessage, InputError } from '@slipway/runtime';
import { readYaml } from '@slipway/yaml';

/** One entry of `dependencies` in Chart.yaml or Chart.lock. */
export interface ChartDependency {
  name: string;
  version: string;
  repository: string;
  condition?: string;
  tags?: readonly string[];
  importValues?: readonly unknown[];
  alias?: string;
}

/** What Slipway needs to know of a Chart.yaml. */
export interface ChartMetadata {
  apiVersion: string;
  name: string;
  version: string;
  dependencies: readonly ChartDependency[];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function string(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The `dependencies` list of a parsed Chart.yaml or Chart.lock. */
export function readDependencies(document: unknown): readonly ChartDependency[] {
  const list = record(document)['dependencies'];
  if (!Array.isArray(list)) return [];
  return list.map((entry) => {
    const fields = record(entry);
    const { tags, condition, alias } = fields;
    const importValues = fields['import-values'];
    return {
      name: string(fields['name']),
      version: string(fields['version']),
      repository: string(fields['repository']),
      ...(string(condition) === '' ? {} : { condition: string(condition) }),
      ...(Array.isArray(tags) && tags.length > 0 ? { tags: tags.map(string) } : {}),
      ...(Array.isArray(importValues) && importValues.length > 0
        ? { importValues: importValues as unknown[] }
        : {}),
      ...(string(alias) === '' ? {} : { alias: string(alias) }),
    };
  });
}

/** Reads a Chart.yaml; `where` is the file's name in messages. Throws InputError when it is not one. */
export function parseChartMetadata(yaml: string, where: string): ChartMetadata {
  const document = readYaml(yaml, { name: where, rules: 'helm' });
  const fields = record(document);
  const name = string(fields['name']);
  const version = string(fields['version']);
  if (name === '' || version === '')
    throw new InputError(`${where} does not give a name and a version.`, {
      next: `Write "name:" and "version:" (a semantic version) in ${where}.`,
    });
  return {
    apiVersion: string(fields['apiVersion']),
    name,
    version,
    dependencies: readDependencies(document),
  };
}

/** More than twice of what Helm 4 loads (helm/pkg/chart/loader/archive: 100 MiB). */
const limits = { entries: 100_000, bytes: 256 * 1024 * 1024 };

async function chartFile(file: string): Promise<ArchivedFile | undefined> {
  const found = await readTarGz(await fs.readFile(file), {
    name: file,
    limits,
    only: (entry) => entry.endsWith('/Chart.yaml'),
  });
  return found.sort((a, b) => a.path.split('/').length - b.path.split('/').length)[0];
}

/** The Chart.yaml inside a packaged chart. Throws InputError naming the archive. */
export async function readArchivedChart(file: string): Promise<ChartMetadata> {
  const next = 'Delete the file and run `helm dependency build`.';
  let entry: ArchivedFile | undefined;
  try {
    entry = await chartFile(file);
  } catch (cause) {
    const why = cause instanceof ArchiveError ? `it ${cause.why}` : errorMessage(cause);
    throw new InputError(`${file} is not a packaged chart: ${why}.`, { next, cause });
  }
  if (entry === undefined)
    throw new InputError(`${file} is not a packaged chart: it has no Chart.yaml.`, { next });
  return parseChartMetadata(entry.content.toString('utf8'), `${file}:${entry.path}`);
}

/** The Chart.yaml of a chart folder. Throws InputError when the folder holds none. */
export async function readChartFolder(folder: string): Promise<ChartMetadata> {
  const file = path.join(folder, 'Chart.yaml');
  let yaml: string;
  try {
    yaml = await fs.readFile(file, 'utf8');
  } catch (cause) {
    throw new InputError(`chart: ${folder} has no Chart.yaml.`, {
      next: 'Name the folder of a chart, a packaged chart (.tgz) or an oci:// reference.',
      cause,
    });
  }
  return parseChartMetadata(yaml, file);
}
