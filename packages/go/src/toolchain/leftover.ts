import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@slipway/runtime';

/** A job that moves a folder takes a moment; one that was killed meanwhile never ends. */
const patienceMs = 30_000;
const lookAgainMs = 100;

/** Which folder it is, whatever it is called: another one in the same place is not the same. */
async function identity(folder: string): Promise<string | undefined> {
  const found = await fs.stat(folder, { bigint: true }).catch(() => undefined);
  return found && `${found.dev}-${found.ino}-${found.birthtimeNs}`;
}

/**
 * Moves what was left at `folder` to `target`, unless it is no longer what it was when this was called. Of the
 * jobs on one machine that find the same leftover, one moves it and the others wait for that, so that what the
 * first then puts in its place is never moved by the second. `claims` is a folder that all of them see.
 */
export async function moveLeftover(
  clock: Clock,
  paths: { folder: string; target: string; claims: string },
  signal: AbortSignal,
): Promise<void> {
  const found = await identity(paths.folder);
  if (found === undefined) return;
  const claim = path.join(paths.claims, `.leftover-${found}`);
  const sinceMs = clock.now();
  while (!(await claimed(claim))) {
    if ((await identity(paths.folder)) !== found) return;
    if (clock.now() - sinceMs > patienceMs) await fs.rm(claim, { recursive: true, force: true });
    else await clock.sleep(lookAgainMs, signal);
  }
  try {
    // Who has the claim is the only one to move this folder, so it stays what it is now found to be.
    if ((await identity(paths.folder)) === found) await moveOrRemove(paths.folder, paths.target);
  } finally {
    await fs.rm(claim, { recursive: true, force: true });
  }
}

async function moveOrRemove(folder: string, target: string): Promise<void> {
  try {
    await fs.rename(folder, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await fs.rm(folder, { recursive: true, force: true });
  }
}

async function claimed(claim: string): Promise<boolean> {
  try {
    await fs.mkdir(claim);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
