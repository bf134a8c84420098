import type { Exec } from '@slipway/exec';
import { ActionError, InputError } from '@slipway/runtime';
import { BuildFailure } from './failure.ts';
import { listPackages, type GoModule, type GoPackage } from '../graph/index.ts';
import type { Target } from '../target/index.ts';

/** A `package main` that can be built for one target. */
export interface MainPackage {
  importPath: string;
  /** The program's name as `go build` makes it, without `.exe`. */
  name: string;
  dir: string;
  /** A package outside the standard library that it needs has cgo files. */
  needsCgo: boolean;
  /** Import paths of all that is compiled for it, itself and the standard library included. */
  packages: readonly string[];
  /** The modules it is linked from. */
  modules: readonly GoModule[];
}

/** A target's mains. */
export interface TargetMains {
  target: Target;
  mains: readonly MainPackage[];
  /** Packages that a pattern names, but build constraints leave out; wildcards pass over them unsaid. */
  excluded: readonly string[];
}

/** Whether C code is built: as the packages need, always, or never. */
export type CgoMode = 'auto' | 'true' | 'false';

const excludedByConstraints = /build constraints exclude all Go files|no Go files in/;

/** The name that `go build` gives a program (go/src/cmd/go/internal/load: DefaultExecName). */
export function programName(importPath: string): string {
  const parts = importPath.split('/');
  const last = parts.at(-1) ?? importPath;
  const isMajorVersion = parts.length > 1 && /^v(?:[2-9]|[1-9]\d+)$/.test(last);
  return isMajorVersion ? (parts.at(-2) ?? last) : last;
}

/**
 * The mains among the packages that match `patterns`, per target: build constraints may leave a main
 * out of some. Throws BuildFailure with the places when a main cannot be loaded, and InputError when
 * a target has no main at all or two mains of the same name.
 */
export async function findMains(
  exec: Exec,
  options: {
    dir: string;
    patterns: readonly string[];
    target: Target;
    cgo: CgoMode;
    tags: readonly string[];
    signal?: AbortSignal;
  },
): Promise<TargetMains> {
  const { dir, patterns, target, cgo, tags, signal } = options;
  if (cgo === 'true' && !target.cgoSupported)
    throw new InputError(
      `cgo: Go has no cgo for the target ${target.text}; set cgo to auto or take the target away.`,
    );
  const cgoPossible = cgo !== 'false' && target.cgoSupported;
  const packages = await listPackages(exec, {
    dir,
    patterns,
    tags,
    deps: true,
    tolerant: true,
    env: { ...target.env, CGO_ENABLED: cgoPossible ? '1' : '0' },
    ...(signal === undefined ? {} : { signal }),
  });
  const byPath = new Map(packages.map((each) => [each.ImportPath, each]));
  const matched = packages.filter((each) => each.DepOnly !== true);
  const excluded = matched.filter((each) => excludedByConstraints.test(each.Error?.Err ?? ''));
  const candidates = matched.filter((each) => each.Name === 'main' && !excluded.includes(each));
  const broken = matched.filter(
    (each) => each.Error !== undefined && !excluded.includes(each) && each.Name !== 'main',
  );
  const problems = [...broken, ...candidates].flatMap((each) => [
    ...(each.Error === undefined ? [] : [each.Error]),
    ...(each.Name === 'main' ? (each.DepsErrors ?? []) : []),
  ]);
  if (problems.length > 0)
    throw new BuildFailure(
      `The packages for ${target.text} cannot be loaded`,
      problems.map(({ Pos = '', Err }) => (Pos === '' ? Err : `${Pos}: ${Err}`)).join('\n'),
      dir,
    );
  const mains = candidates.map((main) => describe(main, byPath, cgoPossible));
  if (mains.length === 0)
    throw new InputError(
      matched.length === 0
        ? `packages: nothing matches ${patterns.join(' ')} in ${dir}.`
        : `packages: none of ${patterns.join(' ')} is a "package main" that can be built for ${target.text}.`,
      { next: 'Name packages that have a func main, or take the target away.' },
    );
  refuseSameNames(mains);
  return { target, mains, excluded: excluded.map(({ ImportPath }) => ImportPath) };
}

function describe(
  main: GoPackage,
  byPath: ReadonlyMap<string, GoPackage>,
  cgoPossible: boolean,
): MainPackage {
  const packages = [main, ...(main.Deps ?? []).flatMap((path) => byPath.get(path) ?? [])];
  const modules = new Map(
    packages.flatMap(({ Module }) => (Module ? [[Module.Path, Module]] : [])),
  );
  return {
    importPath: main.ImportPath,
    name: programName(main.ImportPath),
    dir: main.Dir ?? '',
    needsCgo:
      cgoPossible &&
      packages.some((each) => each.Standard !== true && (each.CgoFiles ?? []).length > 0),
    packages: packages.map(({ ImportPath }) => ImportPath),
    modules: [...modules.values()].sort((a, b) => (a.Path < b.Path ? -1 : 1)),
  };
}

function refuseSameNames(mains: readonly MainPackage[]): void {
  const seen = new Map<string, string>();
  for (const { name, importPath } of mains) {
    const other = seen.get(name);
    if (other !== undefined)
      throw new InputError(
        `packages: ${other} and ${importPath} both make a program named ${name}.`,
        { next: 'Build them in two steps with different output-dir.' },
      );
    seen.set(name, importPath);
    if (!/^[A-Za-z0-9][A-Za-z0-9._+~-]*$/.test(name))
      throw new ActionError(`The program name ${JSON.stringify(name)} cannot be a file name.`, {
        next: 'Rename the folder of that main package.',
      });
  }
}
