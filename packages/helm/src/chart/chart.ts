import * as fs from 'node:fs/promises';
import path from 'node:path';
import { InputError, quoted } from '@slipway/runtime';
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

/** As Go compares names of JSON fields: without case, and with two letters that look like others. */
const folded = (key: string): string => key.toLowerCase().replaceAll('\u017f', 's');

/**
 * What Go's encoding/json sets from a document, under the names that Helm has for its fields: a name in
 * another case counts as well, of several in one document the last in the order of bytes.
 */
function fieldsOf(document: unknown): [field: string, value: unknown][] {
  return Object.entries(record(document))
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([key, value]) => [folded(key), value]);
}

/** What Helm takes for a version (Masterminds/semver: NewVersion); later steps put it into commands. */
const semanticVersion =
  /^v?\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/**
 * Reads a Chart.yaml, or several of one packaged chart: of each field the last one counts. `where` is the
 * file's name in messages. Throws InputError when it is none.
 */
export function parseChartMetadata(yaml: readonly string[], where: string): ChartMetadata {
  const documents = yaml.map((each) => readYaml(each, { name: where, rules: 'helm' }));
  const fields = record(Object.fromEntries(documents.flatMap(fieldsOf)));
  const name = string(fields['name']);
  const version = string(fields['version']);
  const isMapping = documents.every(
    (each) => each === undefined || each === null || record(each) === each,
  );
  if (name === '' || version === '' || !isMapping)
    throw new InputError(`${where} does not give a name and a version.`, {
      next: `Write "name:" and "version:" (a semantic version) in ${where}.`,
    });
  if (version.length > 256 || !semanticVersion.test(version))
    throw new InputError(`${where} gives the version ${quoted(version)}, which Helm refuses.`, {
      next: 'Give it a semantic version such as 1.4.2.',
    });
  return {
    apiVersion: string(fields['apiversion']),
    name,
    version,
    dependencies: readDependencies(fields),
  };
}

/**
 * The Chart.yaml of a chart folder, and the requirements.yaml that charts of apiVersion v1 declare their
 * dependencies in. Throws InputError when the folder holds no Chart.yaml.
 */
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
  const requirements = await fs
    .readFile(path.join(folder, 'requirements.yaml'), 'utf8')
    .catch(() => '');
  return parseChartMetadata([yaml, requirements], file);
}
