import { idleNames, idleStamps, type BuildSource, type Stamp, type TargetMains } from '@slipway/go';
import { InputError, type Run } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

const maxNamed = 10;

/** Tells which commit programs are stamped with. Throws InputError for changes, where they are not to be. */
export function tellSource(
  { log, runner }: Run,
  source: BuildSource,
  dirty: Inputs['dirty'],
): void {
  const { notStamped, commit, changes } = source;
  if (notStamped !== undefined && commit !== undefined)
    log.warning(
      `Programs are not stamped by Go: ${notStamped}. What is stamped by name is the commit ${commit}, without its time.`,
    );
  else if (notStamped !== undefined)
    log.info(`Programs are not stamped with a commit: ${notStamped}.`);
  if (!source.dirty) return;
  const more = changes.length > maxNamed ? ` and ${changes.length - maxNamed} more` : '';
  const files = `${changes.slice(0, maxNamed).join(', ')}${more}`;
  const isRefused = dirty === 'fail' || (dirty === 'auto' && runner.ref.startsWith('refs/tags/'));
  if (isRefused)
    throw new InputError(
      `The checkout has changes that are not committed, so nobody could build this version again from its commit: ${files}.`,
      {
        next: 'Commit them, have Git ignore what earlier steps write, or set dirty: warn.',
      },
    );
  log.warning(
    `The checkout has changes that are not committed, so programs are stamped as modified and nobody can build them again from the commit: ${files}.`,
  );
}

/** Tells which mains are left aside, and names that are for none. */
export function tellNames(
  { log }: Run,
  listed: readonly TargetMains[],
  { program, workingDirectory }: Pick<Inputs, 'program' | 'workingDirectory'>,
): void {
  const aside = [...new Set(listed.flatMap((each) => each.aside))];
  if (aside.length > 0)
    log.info(
      `Not built, since nobody publishes what is below examples, test or internal/tools (name it in packages to have it): ${aside.join(', ')}`,
    );
  for (const of of idleNames(program, listed, workingDirectory))
    log.warning(`program: ${of} is none of the programs that are built here.`);
}

/** A name with a mistake in it would leave programs without their version, and the linker says nothing. */
export async function tellStamps(
  { log }: Run,
  listed: readonly TargetMains[],
  stamps: readonly Stamp[],
): Promise<void> {
  const mains = listed.flatMap((each) => each.mains);
  for (const { variable, told } of await idleStamps(mains, stamps))
    if (told)
      log.warning(
        `stamps: ${variable} is in no program. Write main.name for a string of a program's own package, and the full import path before the name for others.`,
      );
    else if (variable === 'main.version')
      log.info('No program has a string main.version that its version could be stamped into.');
}
