import { isDeepStrictEqual } from 'node:util';
import { isJson, type Json } from './json.ts';

/** Lists of environment variables in an object, by the container that has them. */
function environments(value: unknown, found = new Map<string, readonly unknown[]>()) {
  if (Array.isArray(value)) for (const item of value) environments(item, found);
  else if (isJson(value)) {
    const { name, env } = value;
    if (Array.isArray(env)) found.set(String(name), env);
    for (const inner of Object.values(value)) environments(inner, found);
  }
  return found;
}

function repeatedNames(env: readonly unknown[]): readonly string[] {
  const names = env.map((variable) => (isJson(variable) ? String(variable['name']) : ''));
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/**
 * The variables that a container of `wanted` names twice in a list that the cluster does not have so, as
 * `A in main`. The API takes them, but a patch on the client's side merges the list by name: one of them
 * may change, stay or go that should not (kubernetes/kubernetes#65106), and some orders are refused.
 */
export function repeatedVariables(wanted: Json, live: Json): readonly string[] {
  const there = environments(live);
  return [...environments(wanted)].flatMap(([container, env]) =>
    isDeepStrictEqual(there.get(container), env)
      ? []
      : repeatedNames(env).map((name) => `${name} in ${container}`),
  );
}
