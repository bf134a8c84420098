import type { Exec } from '@slipway/exec';
import { ActionError } from '@slipway/runtime';
import { jsonStream } from './go-list-stream.ts';

/** The module a package belongs to. Absent for the standard library. */
export interface GoModule {
  Path: string;
  Version?: string;
  Main?: boolean;
  Dir?: string;
  /** The checksum of go.sum; Go 1.22 and later print it. */
  Sum?: string;
  Replace?: GoModule;
}

/** One package as `go list -json` describes it, with the fields that Slipway asks for. */
export interface GoPackage {
  ImportPath: string;
  Name: string;
  Dir?: string;
  Standard?: boolean;
  /** True when it is listed only because a package of the patterns depends on it. */
  DepOnly?: boolean;
  Module?: GoModule;
  Match?: string[];
  GoFiles?: string[];
  CgoFiles?: string[];
  /** Go files that build constraints leave out, those with cgo among them while cgo is off. */
  IgnoredGoFiles?: string[];
  TestGoFiles?: string[];
  XTestGoFiles?: string[];
  EmbedFiles?: string[];
  TestEmbedFiles?: string[];
  XTestEmbedFiles?: string[];
  OtherFiles?: string[];
  Imports?: string[];
  TestImports?: string[];
  XTestImports?: string[];
  Deps?: string[];
  Incomplete?: boolean;
  Error?: { Pos?: string; Err: string; ImportStack?: string[] };
  DepsErrors?: { Pos?: string; Err: string; ImportStack?: string[] }[];
}

/** The fields of a GoPackage that `listPackages` fetches when none are named. */
export const usualFields = [
  'ImportPath',
  'Name',
  'Dir',
  'Standard',
  'DepOnly',
  'Module',
  'Match',
  'GoFiles',
  'CgoFiles',
  'IgnoredGoFiles',
  'Imports',
  'Deps',
  'Error',
  'DepsErrors',
] as const satisfies readonly (keyof GoPackage)[];

/**
 * Packages that match `patterns` (and, with `deps`, all that they need), through `go list -json` in
 * `dir`. With `tolerant`, a package that cannot be loaded is listed with its Error instead of failing
 * the call; that is also how packages without Go files for a target show. Patterns go behind `--`.
 */
export async function listPackages(
  exec: Exec,
  options: {
    dir: string;
    patterns: readonly string[];
    env?: Readonly<Record<string, string | undefined>>;
    deps?: boolean;
    tolerant?: boolean;
    tags?: readonly string[];
    fields?: readonly (keyof GoPackage)[];
    flags?: readonly string[];
    signal?: AbortSignal;
  },
): Promise<GoPackage[]> {
  const { dir, patterns, env, signal, tags = [], fields = usualFields } = options;
  const { stdout } = await exec(
    'go',
    [
      'list',
      ...(options.tolerant === true ? ['-e'] : []),
      ...(options.deps === true ? ['-deps'] : []),
      ...(tags.length === 0 ? [] : [`-tags=${tags.join(',')}`]),
      ...(options.flags ?? []),
      `-json=${fields.join(',')}`,
      '--',
      ...patterns,
    ],
    {
      cwd: dir,
      maxStdoutBytes: 512 * 1024 * 1024,
      ...(env === undefined ? {} : { addEnv: env }),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  try {
    return jsonStream(stdout).map((value) => value as GoPackage);
  } catch (cause) {
    throw new ActionError('"go list -json" printed something that is not a list of packages.', {
      cause,
    });
  }
}
