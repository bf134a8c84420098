import type { Exec } from '@slipway/exec';
import { listPackages, type GoPackage } from '../graph/index.ts';
import type { PackageFolder } from './failure-place.ts';

const fields = [
  'ImportPath',
  'Dir',
  'GoFiles',
  'CgoFiles',
  'TestGoFiles',
  'XTestGoFiles',
] as const satisfies readonly (keyof GoPackage)[];

/** Where the sources of packages are, by import path. Packages that cannot be loaded may be missing. */
export async function packageFolders(
  exec: Exec,
  options: {
    dir: string;
    importPaths: readonly string[];
    tags: readonly string[];
    signal: AbortSignal;
  },
): Promise<ReadonlyMap<string, PackageFolder>> {
  const { dir, importPaths: patterns, tags, signal } = options;
  const listed = await listPackages(exec, { dir, patterns, tags, fields, tolerant: true, signal });
  return new Map(
    listed.flatMap((found) => {
      if (found.Dir === undefined) return [];
      const names = [found.GoFiles, found.CgoFiles, found.TestGoFiles, found.XTestGoFiles];
      const files = new Set(names.flatMap((some) => some ?? []));
      return [[found.ImportPath, { dir: found.Dir, files }] as const];
    }),
  );
}
