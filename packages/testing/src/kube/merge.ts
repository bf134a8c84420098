/** Any JSON object. */
export type Json = Record<string, unknown>;

/** Whether `value` is a JSON object. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON merge patch (RFC 7386): null removes, lists are replaced. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch;
  const merged: Json = isJson(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

function nameOf(item: unknown): string | undefined {
  return isJson(item) && typeof item['name'] === 'string' ? item['name'] : undefined;
}

function isNamedList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.every((item) => nameOf(item) !== undefined);
}

function mergeNamed(live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const byName = new Map(applied.map((item) => [nameOf(item), item]));
  const kept = live.map((item) => {
    const given = byName.get(nameOf(item));
    byName.delete(nameOf(item));
    return given === undefined ? item : applyMerge(item, given);
  });
  return [...kept, ...byName.values()];
}

/**
 * What a server-side apply leaves of `live`: what is applied, what others own, and lists of named things
 * (containers, ports, variables) merged by name. Ownership of fields is not kept: nothing conflicts, and
 * a field that is no longer applied stays.
 */
export function applyMerge(live: unknown, applied: unknown): unknown {
  if (isNamedList(live) && isNamedList(applied)) return mergeNamed(live, applied);
  if (!isJson(applied)) return applied;
  const merged: Json = isJson(live) ? { ...live } : {};
  for (const [key, value] of Object.entries(applied))
    if (value !== null) merged[key] = applyMerge(merged[key], value);
  return merged;
}
