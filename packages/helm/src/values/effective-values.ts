import * as fs from 'node:fs/promises';
import path from 'node:path';
import { readYamlDocuments } from '@slipway/yaml';
import { holdsSecret } from './secret-key.ts';

/** One value as the chart is rendered with it. */
export interface EffectiveValue {
  /** `image.tag`. */
  path: string;
  /** A secret is there by what `hash` made of it. */
  value: unknown;
  /** What gave it: `chart`, the name of a values file, `values`, `set`. */
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
  'set.yaml': 'set',
};

/**
 * The layers that `writeValueLayers` has written, weakest first. The two that come from inputs are called
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

interface Leaf {
  value: unknown;
  origin: string;
  over: readonly string[];
  isSecret: boolean;
}

/** Puts what stands under `path` into `leaves`, over what was there. */
function put(
  leaves: Map<string, Leaf>,
  at: { path: string; isSecret: boolean },
  { origin, values }: ValueLayer,
): void {
  const { path: place, isSecret } = at;
  if (isMapping(values) && Object.keys(values).length > 0) {
    leaves.delete(place);
    for (const [key, inner] of Object.entries(values)) {
      const name = /^[\w-]+$/.test(key) ? key : `[${JSON.stringify(key)}]`;
      const below = place === '' ? name : `${place}.${name}`;
      const secret = holdsSecret(key, isSecret);
      put(leaves, { path: below, isSecret: secret }, { origin, values: inner });
    }
    return;
  }
  // An empty mapping overrides nothing; a null takes away, and a list or a text replaces, all below.
  if (isMapping(values) && [...leaves.keys()].some((key) => key.startsWith(`${place}.`))) return;
  const before = leaves.get(place);
  const over = before === undefined ? [] : [...before.over, before.origin];
  for (const key of leaves.keys()) if (key.startsWith(`${place}.`)) leaves.delete(key);
  leaves.set(place, { value: values, origin, over, isSecret });
}

/**
 * Every value with the place that it comes from: `layers` are the chart's own values, then the user's,
 * weakest first. Helm merges mappings by key; lists and texts are replaced as a whole, and null takes away.
 */
export function effectiveValues(
  layers: readonly ValueLayer[],
  hash: (secret: unknown) => string,
): readonly EffectiveValue[] {
  const leaves = new Map<string, Leaf>();
  for (const layer of layers) put(leaves, { path: '', isSecret: false }, layer);
  return [...leaves]
    .filter(([place, { value }]) => place !== '' && value !== null)
    .map(([place, { value, origin, over, isSecret }]) => {
      const isHidden = isSecret && value !== '' && typeof value !== 'boolean';
      const shown = isHidden ? hash(value) : value;
      return { path: place, value: shown, origin, over, isSecret: isHidden };
    });
}
