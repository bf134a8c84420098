import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { localReplaces, type BuildToolchain, type LocalReplace } from '@slipway/go';
import { InputError, type Run } from '@slipway/runtime';
import type { Inputs } from './inputs.ts';

/** The top of the checkout around a folder; the workspace where Git does not tell. */
async function checkoutTop(exec: Exec, dir: string, run: Run): Promise<string> {
  const top = await exec('git', ['rev-parse', '--show-toplevel'], {
    cwd: dir,
    signal: run.signal,
  }).then(
    ({ stdout }) => stdout.trim(),
    (error: unknown) => {
      if (error instanceof ExecError) return run.runner.workspace;
      throw error;
    },
  );
  return fs.realpath(top).catch(() => top);
}

async function isInside(folder: string, top: string): Promise<boolean> {
  const real = await fs.realpath(folder).catch(() => folder);
  const relative = path.relative(top, real);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

const shown = ({ module, target }: LocalReplace): string => `${module} => ${target}`;

/**
 * Tells which modules are taken from folders. What lies in the checkout is part of the commit. What lies elsewhere is
 * not, so that nobody could build the version again from it: on tags, or where it is asked for, that is refused with
 * an InputError, as a checkout with changes is.
 */
export async function tellReplacements(
  run: Run,
  exec: Exec,
  { goMod, goWork }: BuildToolchain,
  { workingDirectory, localReplace }: Pick<Inputs, 'workingDirectory' | 'localReplace'>,
): Promise<void> {
  const replaces = await localReplaces(goMod, goWork);
  if (replaces.length === 0) return;
  const top = await checkoutTop(exec, workingDirectory, run);
  const inside = await Promise.all(replaces.map(({ folder }) => isInside(folder, top)));
  const within = replaces.filter((_, at) => inside[at] === true);
  const outside = replaces.filter((_, at) => inside[at] === false);
  if (within.length > 0)
    run.log.info(`Taken from folders of the checkout: ${within.map(shown).join(', ')}.`);
  if (outside.length === 0) return;
  const listed = outside.map(shown).join(', ');
  const isRefused =
    localReplace === 'fail' || (localReplace === 'auto' && run.runner.ref.startsWith('refs/tags/'));
  if (isRefused)
    throw new InputError(
      `Modules are taken from folders outside of the checkout, so nobody could build this version again from its commit: ${listed}.`,
      { next: 'Take the replace out of go.mod, or set local-replace: warn.' },
    );
  run.log.warning(
    `Modules are taken from folders outside of the checkout, so nobody can build this again from the commit: ${listed}.`,
  );
}
