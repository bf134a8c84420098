import type { Exec } from '@slipway/exec';
import { ActionError, InputError } from '@slipway/runtime';
import { BuildFailure } from './failure.ts';
import type { Target } from '../target/index.ts';
import type { MainPackage, MainSearch } from './main-package.ts';
import { listAsNeeded, listAsTold, type ListedMains } from './listed-mains.ts';

/** A target's mains. */
export interface TargetMains {
  target: Target;
  mains: readonly MainPackage[];
  /** Packages that a pattern names, but build constraints leave out; wildcards pass over them unsaid. */
  excluded: readonly string[];
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
  refuseSameNames(mains);
  return { target, mains, excluded };
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
        { next: 'Build them in two steps with different output-dir.' },
      );
    seen.set(name, importPath);
    if (!/^[A-Za-z0-9][A-Za-z0-9._+~-]*$/.test(name))
      throw new ActionError(`The program name ${JSON.stringify(name)} cannot be a file name.`, {
        next: 'Rename the folder of that main package.',
      });
  }
}
