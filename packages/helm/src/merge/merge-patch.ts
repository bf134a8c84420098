import { isDeepStrictEqual } from 'node:util';
import { isJson, type Json } from './json.ts';

/** What a JSON merge patch (RFC 7386) leaves of `target`: null removes, lists are replaced. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch;
  const merged: Record<string, unknown> = isJson(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** The JSON merge patch that makes `to` of `from`; undefined when they are equal. */
export function patchBetween(from: Json, to: Json): Json | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(from)) if (!(key in to)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const old = from[key];
    if (isDeepStrictEqual(old, value)) continue;
    patch[key] = isJson(old) && isJson(value) ? (patchBetween(old, value) ?? {}) : value;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}
