import type { Problem } from './problems.ts';

/** A thousand services with fifty values each; more would keep zod and its reader busy for long. */
const mostValues = 50_000;

/**
 * What is wrong with a file as a whole, before anybody asks what its keys mean: a key named `__proto__`,
 * which JavaScript's maps do not show, or more values than a fleet can have. Undefined for nothing.
 */
export function unsoundness(value: unknown): Problem | undefined {
  const waiting: { node: unknown; path: readonly (string | number)[] }[] = [
    { node: value, path: [] },
  ];
  let seen = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, path } = next;
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, child] of Object.entries(node)) {
      const at = [...path, Array.isArray(node) ? Number(key) : key];
      seen += 1;
      if (key === '__proto__')
        return { path: at, atKey: true, what: 'is no key that can be used; give it another name.' };
      if (seen > mostValues)
        return { path: [], atKey: true, what: `has more than ${mostValues} values.` };
      waiting.push({ node: child, path: at });
    }
  }
  return undefined;
}
