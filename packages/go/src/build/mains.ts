import path from 'node:path';
import type { Exec } from '@slipway/exec';
import { ActionError, InputError } from '@slipway/runtime';
import { BuildFailure } from './failure.ts';
import type { Target } from '../target/index.ts';
import type { MainPackage, MainSearch } from './main-package.ts';
import { chooseNames, isProgramName, type GivenName } from './program/program-name.ts';
import { withoutSidePrograms } from './program/side-programs.ts';
import { listAsNeeded, listAsTold, type ListedMains } from './listed-mains.ts';

/** A target's mains. */
export interface TargetMains {
  target: Target;
  mains: readonly MainPackage[];
  /** Packages that a pattern names, but build constraints leave out; wildcards pass over them unsaid. */
  excluded: readonly string[];
  /** Packages below examples, internal/tools or test, which only a wildcard reaches and nobody publishes. */
  aside: readonly string[];
}

/**
 * The mains among the packages that match `patterns`, per target: build constraints may leave a main
 * out of some. Throws BuildFailure with the places when a main cannot be loaded, and InputError when
 * a target has no main at all or two mains of the same name.
 */
export async function findMains(exec: Exec, search: MainSearch): Promise<TargetMains> {
  const { dir, patterns, target, cgo } = search;
  if (cgo === 'true' && !target.cgoSupported)
    throw new InputError(
      `cgo: Go has no cgo for the target ${target.text}; set cgo to auto or take the target away.`,
    );
  const listed =
    cgo === 'auto'
      ? await listAsNeeded(exec, search)
      : await listAsTold(exec, search, cgo !== 'false' && target.cgoSupported);
  refuseBroken(listed, search);
  const { mains, matched, excluded } = listed;
  if (mains.length === 0)
    throw new InputError(
      matched === 0
        ? `packages: nothing matches ${patterns.join(' ')} in ${dir}.`
        : `packages: none of ${patterns.join(' ')} is a "package main" that can be built for ${target.text}.`,
      { next: 'Name packages that have a func main, or take the target away.' },
    );
  const { kept, aside } = withoutSidePrograms(mains, search);
  const named = withNames(kept, search);
  refuseSameNames(named);
  return { target, mains: named, excluded, aside: aside.map(({ importPath }) => importPath) };
}

/** Whether a given name is for this main, by its import path or its folder. */
function isFor({ of }: GivenName, main: MainPackage, dir: string): boolean {
  return of === main.importPath || (of !== undefined && path.resolve(dir, of) === main.dir);
}

/** The mains as they are to be called, also where they are built without their C code. */
function withNames(
  mains: readonly MainPackage[],
  { dir, names = [] }: MainSearch,
): readonly MainPackage[] {
  const [bare] = names.filter(({ of }) => of === undefined);
  if (bare !== undefined && mains.length > 1)
    throw new InputError(
      `program: ${bare.name} is given without a package, but there are ${mains.length} programs: ${mains.map(({ importPath }) => importPath).join(', ')}.`,
      { next: `Write one line for each, such as ${mains[0]?.importPath ?? ''}=${bare.name}.` },
    );
  const nameable = mains.map((main) => ({ ...main, usual: main.name, main }));
  const chosen = chooseNames(
    nameable,
    ({ main }) => (names.find((each) => isFor(each, main, dir)) ?? bare)?.name,
  );
  return mains.map((main, at) => {
    const name = chosen[at] ?? main.name;
    const { withoutCgo } = main;
    if (withoutCgo === undefined) return { ...main, name };
    return { ...main, name, withoutCgo: { ...withoutCgo, name } };
  });
}

/** The names that are given to no main of any target: a mistake, or a main that another job builds. */
export function idleNames(
  names: readonly GivenName[],
  listed: readonly TargetMains[],
  dir: string,
): readonly string[] {
  const mains = listed.flatMap((each) => each.mains);
  return names.flatMap((each) =>
    each.of === undefined || mains.some((main) => isFor(each, main, dir)) ? [] : [each.of],
  );
}

function refuseBroken({ problems }: ListedMains, { target, dir }: MainSearch): void {
  if (problems.length > 0)
    throw new BuildFailure(
      `The packages for ${target.text} cannot be loaded`,
      problems.map(({ Pos = '', Err }) => (Pos === '' ? Err : `${Pos}: ${Err}`)).join('\n'),
      dir,
    );
}

function refuseSameNames(mains: readonly MainPackage[]): void {
  const seen = new Map<string, string>();
  for (const { name, importPath } of mains) {
    const other = seen.get(name);
    if (other !== undefined)
      throw new InputError(
        `packages: ${other} and ${importPath} both make a program named ${name}.`,
        { next: 'Name one otherwise with the input program.' },
      );
    seen.set(name, importPath);
    if (!isProgramName(name))
      throw new ActionError(`The program name ${JSON.stringify(name)} cannot be a file name.`, {
        next: 'Name it otherwise with the input program.',
      });
  }
}
