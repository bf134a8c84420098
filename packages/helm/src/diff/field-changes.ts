import { isDeepStrictEqual } from 'node:util';
import { isJson } from '../merge/index.ts';

/** One field that differs; a side that is undefined does not have it. */
export interface FieldChange {
  /** `spec.template.spec.containers[main].image`. */
  path: string;
  before: unknown;
  after: unknown;
}

/** Fields by which people tell the items of a list apart, the most telling first. */
const itemKeys = ['name', 'key', 'mountPath', 'containerPort', 'port', 'ip', 'type', 'uid'];

function step(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** An item by its name; one that is no plain word is quoted, since a line break in it would begin a line. */
function itemStep(path: string, key: string): string {
  return `${path}[${/^[\w./:@*-]+$/.test(key) ? key : JSON.stringify(key)}]`;
}

/** Items by the value of the first key that tells all of them apart in both lists. */
function keyedItems(
  before: readonly unknown[],
  after: readonly unknown[],
): readonly [Map<string, unknown>, Map<string, unknown>] | undefined {
  for (const key of itemKeys) {
    const index = (items: readonly unknown[]): Map<string, unknown> | undefined => {
      const entries = items.map((item) => [isJson(item) ? item[key] : undefined, item] as const);
      const known = entries.flatMap(([value, item]) =>
        typeof value === 'string' || typeof value === 'number'
          ? [[String(value), item] as const]
          : [],
      );
      const map = new Map(known);
      return map.size === items.length ? map : undefined;
    };
    const [old, now] = [index(before), index(after)];
    if (old !== undefined && now !== undefined) return [old, now];
  }
  return undefined;
}

function itemChanges(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): readonly FieldChange[] {
  const keyed = keyedItems(before, after);
  if (keyed === undefined)
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
      fieldChanges(before[index], after[index], `${path}[${index}]`),
    ).flat();
  const [old, now] = keyed;
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((key) =>
    fieldChanges(old.get(key), now.get(key), itemStep(path, key)),
  );
  if (changes.length > 0 || isDeepStrictEqual(before, after)) return changes;
  return [{ path: `${path} (order)`, before: [...old.keys()], after: [...now.keys()] }];
}

/** Where two values differ, as deep as both have them, in the order of their fields. */
export function fieldChanges(before: unknown, after: unknown, path = ''): readonly FieldChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isJson(before) && isJson(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      fieldChanges(before[key], after[key], step(path, key)),
    );
  if (Array.isArray(before) && Array.isArray(after)) return itemChanges(before, after, path);
  return [{ path, before, after }];
}
