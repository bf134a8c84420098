import * as fs from 'node:fs/promises';
import path from 'node:path';
import { readYamlDocuments } from '@slipway/yaml';
import { holdsSecret } from './secret-key.ts';
import { shownValue, type Hide } from './shown-text.ts';

/** One value as the chart is rendered with it. */
export interface EffectiveValue {
  /** `image.tag`. */
  path: string;
  /** A secret is there by what `hash` made of it. */
  value: unknown;
  /** What gave it: `chart`, `subchart redis`, the name of a values file, `values`, `set`. */
  origin: string;
  /** What gave another one that was overridden, strongest last. */
  over: readonly string[];
  isSecret: boolean;
}

/** Values that one place gives. */
export interface ValueLayer {
  origin: string;
  values: unknown;
}

type Values = Readonly<Record<string, unknown>>;

function isMapping(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const originNames: Readonly<Record<string, string>> = {
  'values.yaml': 'values',
  'values_in_settings.yaml': 'values in settings',
  'set.yaml': 'set',
};

/**
 * The layers that `writeValueLayers` has written, weakest first. Those that come from inputs are called
 * after them. Throws InputError for a file that is no YAML.
 */
export async function readValueLayers(files: readonly string[]): Promise<readonly ValueLayer[]> {
  const layers = await Promise.all(
    files.map(async (file): Promise<readonly ValueLayer[]> => {
      const name = path.basename(file).replace(/^\d+-/, '');
      const origin = originNames[name] ?? name;
      const documents = readYamlDocuments(await fs.readFile(file, 'utf8'), { name });
      return documents.map(({ value }) => ({ origin, values: value }));
    }),
  );
  return layers.flat();
}

/** One value with where it came from so far. */
interface Leaf {
  value: unknown;
  origin: string;
  over: readonly string[];
}

/** What stands under one key: a value, or keys of its own. */
type Node = Leaf | Map<string, Node>;

function leafOver(before: Node | undefined, { origin, values: value }: ValueLayer): Leaf {
  if (before === undefined || before instanceof Map) return { value, origin, over: [] };
  return { value, origin, over: [...before.over, before.origin] };
}

/** `before` with what a stronger layer says in its place; an empty mapping overrides nothing. */
function merged(before: Node | undefined, layer: ValueLayer): Node {
  const { origin, values } = layer;
  if (!isMapping(values)) return leafOver(before, layer);
  const entries = Object.entries(values);
  if (entries.length === 0) return before instanceof Map ? before : leafOver(before, layer);
  const node = new Map(before instanceof Map ? before : []);
  for (const [key, inner] of entries)
    node.set(key, merged(node.get(key), { origin, values: inner }));
  return node;
}

interface Place {
  path: string;
  isSecret: boolean;
}

function inside({ path: place, isSecret }: Place, key: string): Place {
  const name = /^[\w-]+$/.test(key) ? key : `[${JSON.stringify(key)}]`;
  return { path: place === '' ? name : `${place}.${name}`, isSecret: holdsSecret(key, isSecret) };
}

function leavesOf(node: Node, place: Place): readonly (Leaf & Place)[] {
  if (!(node instanceof Map)) return [{ ...node, ...place }];
  return [...node].flatMap(([key, inner]) => leavesOf(inner, inside(place, key)));
}

function placeOf(keys: readonly string[]): string {
  return keys.reduce(inside, { path: '', isSecret: false }).path;
}

/** Whether Helm hands a subchart another value for this global of its own: an ancestor's comes first. */
function isHandedDown(
  place: string,
  subcharts: readonly (readonly string[])[],
  places: ReadonlySet<string>,
): boolean {
  return subcharts.some((keys) => {
    const own = `${placeOf(keys)}.global.`;
    if (!place.startsWith(own)) return false;
    const name = place.slice(own.length);
    return keys.some((_, depth) =>
      places.has(`${placeOf([...keys.slice(0, depth), 'global'])}.${name}`),
    );
  });
}

/**
 * Every value with the place that it comes from: `layers` are the chart's own values, then the user's,
 * weakest first. Helm merges mappings by key; lists and texts are replaced as a whole, and null takes away.
 * A global of one of `subcharts` (their keys) that a chart around it has as well is left out.
 */
export function effectiveValues(
  layers: readonly ValueLayer[],
  hash: Hide,
  subcharts: readonly (readonly string[])[] = [],
): readonly EffectiveValue[] {
  const all = layers.reduce<Node>((below, layer) => merged(below, layer), new Map());
  const leaves = leavesOf(all, { path: '', isSecret: false }).filter(
    ({ path: place, value }) => place !== '' && value !== null,
  );
  const places = new Set(leaves.map(({ path: place }) => place));
  return leaves
    .filter(({ path: place }) => !isHandedDown(place, subcharts, places))
    .map(({ path: place, value, origin, over, isSecret }) => {
      const shown = shownValue(value, isSecret, hash);
      const isHidden = isSecret && typeof shown === 'string' && shown !== '';
      return { path: place, value: shown, origin, over, isSecret: isHidden };
    });
}
