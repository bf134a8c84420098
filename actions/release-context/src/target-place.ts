import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Target } from '@slipway/fleet';
import type { MatrixEntry } from '@slipway/release';

/** Where in an environment something is put, as far as its entry says so. */
export type Place = Pick<Target, 'name' | 'namespace' | 'valueFiles'>;

/** What holds for every target of an environment; what differs between them is left out. */
export function commonPlace(targets: readonly Target[]): Place {
  const [first] = targets;
  if (first === undefined) return { name: '', namespace: undefined, valueFiles: [] };
  if (targets.length === 1) return first;
  const holds = (pattern: string): boolean => !pattern.includes('{target}');
  const isSame = targets.every(({ namespace }) => namespace === first.namespace);
  return {
    name: '',
    namespace: isSame && holds(first.namespace ?? '') ? first.namespace : undefined,
    valueFiles: first.valueFiles.filter(
      (file) => holds(file) && targets.every(({ valueFiles }) => valueFiles.includes(file)),
    ),
  };
}

/** A pattern with `{environment}` and its like put in. */
export function filledIn(pattern: string, names: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => names[name] ?? whole);
}

/**
 * An entry with the namespace and the value files that it has in a place. Value files that the service
 * does not have are left out; where the place names none, the usual ones stay.
 */
export async function inPlace<Entry extends MatrixEntry>(
  entry: Entry,
  given: {
    root: string;
    /** Of the call, which goes before that of the place. */
    namespace: string | undefined;
    usualValueFiles: string;
    environment: string;
    place: Place;
  },
): Promise<Entry> {
  const { root, namespace, usualValueFiles, environment, place } = given;
  const names = { environment, service: entry.service, chart: entry.chart, target: place.name };
  const patterns = place.valueFiles.map((pattern) => filledIn(pattern, names));
  const files: string[] = [];
  for (const file of patterns) {
    const isThere = await fs.stat(path.join(root, file)).then(
      (stat) => stat.isFile(),
      () => false,
    );
    if (isThere && !file.startsWith('/')) files.push(file);
  }
  return Object.assign({}, entry, {
    environment,
    namespace: filledIn(namespace ?? place.namespace ?? '{environment}', names),
    'value-files': patterns.length > 0 ? files.join('\n') : usualValueFiles,
  });
}
