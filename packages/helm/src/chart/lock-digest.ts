import { createHash } from 'node:crypto';
import type { ChartDependency } from './chart.ts';

/** JSON as Go's encoder writes it: keys of free-form maps sorted, `<`, `>` and `&` escaped. */
function goJson(value: unknown): string {
  const sorted = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(sorted);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(
      Object.entries(inner)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, sorted(item)]),
    );
  };
  return JSON.stringify(sorted(value));
}

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

function dependencyJson(dependency: ChartDependency): string {
  const fields: string[] = [`"name":${JSON.stringify(dependency.name)}`];
  const add = (key: string, json: string | undefined): void => {
    if (json !== undefined) fields.push(`"${key}":${json}`);
  };
  if (dependency.version !== '') add('version', JSON.stringify(dependency.version));
  add('repository', JSON.stringify(dependency.repository));
  add('condition', dependency.condition && JSON.stringify(dependency.condition));
  add('tags', dependency.tags && JSON.stringify(dependency.tags));
  add('import-values', dependency.importValues && goJson(dependency.importValues));
  add('alias', dependency.alias && JSON.stringify(dependency.alias));
  return `{${fields.join(',')}}`;
}

/**
 * The `digest` that belongs in Chart.lock: sha256 over the JSON of both dependency lists, in the field
 * order of Helm's own struct. The same in Helm 3 and 4 (helm/helm: internal/resolver, HashReq).
 */
export function lockDigest(
  wanted: readonly ChartDependency[],
  locked: readonly ChartDependency[],
): string {
  const list = (entries: readonly ChartDependency[]): string =>
    entries.length === 0 ? 'null' : `[${entries.map(dependencyJson).join(',')}]`;
  const json = `[${list(wanted)},${list(locked)}]`.replace(
    /[<>&\u2028\u2029]/g,
    (mark) => escapes[mark] ?? mark,
  );
  return `sha256:${createHash('sha256').update(json).digest('hex')}`;
}
