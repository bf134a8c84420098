/** Values as Helm has them. */
export type Values = Record<string, unknown>;

type Node = Record<string | number, unknown>;

/** Whether a value is a mapping. */
export function isMapping(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `over` on top of `under`, as Helm lays one values file over another: mappings merge, all else replaces. */
export function mergedValues(under: Values, over: Values): Values {
  const merged = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    merged.set(key, isMapping(value) && isMapping(below) ? mergedValues(below, value) : value);
  }
  return Object.fromEntries(merged);
}

function step(node: unknown, key: string | number): unknown {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
  return (node as Node)[key];
}

function dense(list: unknown[]): unknown[] {
  return Array.from(list, (item: unknown) => (item === undefined ? null : item));
}

/**
 * Sets one value in `root`. A list of which it sets an entry begins as the list at that place in
 * `below`, the values under these: as with Helm's flags, the other entries stay.
 */
export function placeValue(
  root: Values,
  steps: readonly (string | number)[],
  value: unknown,
  below: Values,
): void {
  let node: Node = root;
  let under: unknown = below;
  for (const [at, key] of steps.entries()) {
    if (key === '__proto__') throw new Error('its key must not be "__proto__"');
    const next = steps[at + 1];
    const mayHoldMore = next === undefined ? undefined : step(node, key);
    under = step(under, key);
    if (next === undefined) node[key] = value;
    else if (typeof next === 'number') {
      const seed: unknown = Array.isArray(mayHoldMore) ? mayHoldMore : structuredClone(under);
      const list: unknown[] = Array.isArray(seed) ? seed : [];
      list.length = Math.max(list.length, next + 1);
      node[key] = dense(list);
    } else node[key] = isMapping(mayHoldMore) ? mayHoldMore : {};
    node = node[key] as Node;
  }
}
