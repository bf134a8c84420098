import type { ArchiveEntry } from '@slipway/archive';
import { InputError, quoted } from '@slipway/runtime';
import { baseName, ending, type Naming, type Packing } from './packaging.ts';
import type { PlannedProgram } from './universal.ts';

/**
 * Throws InputError when two programs' files would have one name, of which one would be lost, and when a
 * program that is not archived would be called as a folder beside it.
 */
export function checkFileNames(
  programs: readonly PlannedProgram[],
  naming: Naming & Pick<Packing, 'archive'>,
): void {
  const takenBy = new Map<string, string>();
  const folders = new Set(
    naming.archive ? [] : programs.map(({ unit }) => unit.target.slug.toLowerCase()),
  );
  for (const { unit, main } of programs) {
    const name = baseName(unit, main, naming);
    const what = `${main.name} for ${unit.target.text}`;
    const other = takenBy.get(name.toLowerCase());
    if (other !== undefined)
      throw new InputError(
        `archive-name: the files of ${other} and ${what} would both be called ${name}.`,
        { next: 'Put {name}, {os} and {arch} into archive-name, as it is by default.' },
      );
    const download = name + ending(unit.target);
    if (folders.has(download.toLowerCase()))
      throw new InputError(
        `archive-name: ${what} would be called ${download}, as the folder that programs for a target are in.`,
        { next: 'Put {name} into archive-name, as it is by default.' },
      );
    takenBy.set(name.toLowerCase(), what);
  }
}

/** Throws InputError for a file that would take the place of a program in its archive. */
export function checkEntries(
  entries: readonly ArchiveEntry[],
  programs: readonly PlannedProgram[],
): void {
  const names = new Set(programs.map(({ unit, main }) => main.name + ending(unit.target)));
  const taken = entries.find(({ path }) => names.has(path));
  if (taken !== undefined)
    throw new InputError(
      `archive-files: ${quoted(taken.path)} is where the program itself is in its archive.`,
      { next: 'Give the file another place, as in glob=docs/.' },
    );
}
