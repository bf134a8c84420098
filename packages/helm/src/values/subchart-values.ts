import { readYaml } from '@slipway/yaml';
import type { ValueLayer } from './effective-values.ts';
import { isMapping, mergedValues, type Values } from './value-tree.ts';

/** A file of a chart: its path below the chart's folder, through archives in `charts/` as through folders. */
interface File {
  path: string;
  content: Buffer;
}

/** What a chart and the charts in it give by themselves. */
export interface ChartValues {
  /** Weakest first: those of a subchart are under those of the chart that it is in. */
  layers: readonly ValueLayer[];
  /** The keys under which each subchart has its values. */
  subcharts: readonly (readonly string[])[];
}

function mappingIn(files: readonly File[], path: string): Values {
  const text = files.find((file) => file.path === path)?.content.toString('utf8') ?? '';
  const value: unknown = readYaml(text, { name: path, rules: 'helm' });
  return isMapping(value) ? value : {};
}

interface Dependency {
  name?: unknown;
  alias?: unknown;
}

/** The keys that a subchart has in the values of its parent: one for each alias, else its name. */
function keysOf(name: string, dependencies: readonly unknown[]): readonly string[] {
  const own = dependencies.filter(
    (one): one is Dependency => isMapping(one) && one['name'] === name,
  );
  const keys = own.map(({ alias }) => (typeof alias === 'string' && alias !== '' ? alias : name));
  return keys.length === 0 ? [name] : keys;
}

function nested(keys: readonly string[], values: Values): Values {
  return keys.reduceRight<Values>((inner, key) => ({ [key]: inner }), values);
}

function valuesBelow(files: readonly File[], folder: string, keys: readonly string[]): ChartValues {
  const own = {
    origin: keys.length === 0 ? 'chart' : `subchart ${keys.join('.')}`,
    values: nested(keys, mappingIn(files, `${folder}values.yaml`)),
  };
  const declared = ['Chart.yaml', 'requirements.yaml'].flatMap((file) => {
    const { dependencies } = mappingIn(files, `${folder}${file}`);
    return Array.isArray(dependencies) ? (dependencies as unknown[]) : [];
  });
  const charts = `${folder}charts/`;
  const folders = files
    .filter(({ path }) => path.startsWith(charts) && path.endsWith('/Chart.yaml'))
    .map(({ path }) => path.slice(0, -'Chart.yaml'.length))
    .filter((path) => path.slice(charts.length, -1).split('/').length === 1);
  const below = folders.flatMap((path) => {
    const { name } = mappingIn(files, `${path}Chart.yaml`);
    if (typeof name !== 'string') return [];
    return keysOf(name, declared).map((key) => valuesBelow(files, path, [...keys, key]));
  });
  return {
    layers: [...below.flatMap(({ layers }) => layers), own],
    subcharts: [...(keys.length === 0 ? [] : [keys]), ...below.flatMap((one) => one.subcharts)],
  };
}

/** What of `all` none of `known` has a word about, without the globals that Helm hands down to `subcharts`. */
function rest(
  { all, known }: Record<'all' | 'known', Values>,
  subcharts: ReadonlySet<string>,
  at: readonly string[] = [],
): Values {
  const isSubchart = subcharts.has(JSON.stringify(at));
  const entries = Object.entries(all).flatMap(([key, value]): [string, unknown][] => {
    if (isSubchart && key === 'global') return [];
    const below = Object.hasOwn(known, key) ? known[key] : undefined;
    if (below === undefined) return [[key, value]];
    if (!isMapping(value) || !isMapping(below)) return [];
    const left = rest({ all: value, known: below }, subcharts, [...at, key]);
    return Object.keys(left).length === 0 ? [] : [[key, left]];
  });
  return Object.fromEntries(entries);
}

/** What of `values` stands in `stored`, too: of a subchart that is switched off nothing does. */
function within(values: Values, stored: Values): Values {
  const entries = Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
    if (!Object.hasOwn(stored, key)) return [];
    const there = stored[key];
    return [[key, isMapping(value) && isMapping(there) ? within(value, there) : value]];
  });
  return Object.fromEntries(entries);
}

/**
 * The values that the files of a chart give, with the chart in it that each is from. `stored` are the
 * chart's values as Helm stores them, in which those of subcharts are laid under its own; what is in these
 * alone was imported (`import-values`) and counts as the chart's.
 */
export function chartValues(files: readonly File[], stored: Values): ChartValues {
  const { layers: all, subcharts } = valuesBelow(files, '', []);
  // Helm lays them into one where the chart declares dependencies.
  const isWhole = subcharts.some(([key = '']) => Object.hasOwn(stored, key));
  const layers = all.map((layer) =>
    layer.origin === 'chart' || !isWhole
      ? layer
      : { ...layer, values: within(layer.values as Values, stored) },
  );
  const known = layers.map(({ values }) => values as Values).reduce(mergedValues, {});
  const places = new Set(subcharts.map((keys) => JSON.stringify(keys)));
  const imported = rest({ all: stored, known }, places);
  return { layers: [{ origin: 'chart', values: imported }, ...layers], subcharts };
}
