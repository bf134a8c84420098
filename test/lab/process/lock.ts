import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunning, processStat } from './daemon.ts';

interface Owner {
  pid: number;
  startTicks: number;
  id: string;
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

/** Whether the owner still lives. Where there is no /proc only its process id can be asked. */
function isAlive(owner: Owner): boolean {
  if (process.platform === 'linux') return isRunning(owner);
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Takes the lock file; false when another has it. A hard link appears whole or not at all. */
async function claim(file: string, owner: Owner): Promise<boolean> {
  const draft = `${file}.${owner.id}`;
  await writeFile(draft, JSON.stringify(owner));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Moves a dead owner's lock away. Between reading and moving, another process may have done the
 * same and locked anew: what was moved is looked at, and put back when its owner lives.
 */
async function clearStale(file: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const owner = await readOwner(aside);
  if (owner !== undefined && isAlive(owner)) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

/**
 * Runs `body` while holding the lock file; other processes wait for it. The file names its owner's
 * process, and a lock whose owner has died is taken over. `onWait` hears, at once and then every ten
 * seconds, who has it.
 */
export async function withLock<T>(
  file: string,
  body: () => Promise<T>,
  onWait: (pid: number) => void = () => undefined,
): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  const owner: Owner = {
    pid: process.pid,
    startTicks: processStat(process.pid)?.startTicks ?? 0,
    id: randomUUID(),
  };
  for (let attempt = 0; !(await claim(file, owner)); attempt += 1) {
    const holder = await readOwner(file);
    if (holder === undefined || !isAlive(holder)) {
      await clearStale(file);
      continue;
    }
    if (attempt % 100 === 0) onWait(holder.pid);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  try {
    return await body();
  } finally {
    if ((await readOwner(file))?.id === owner.id) await rm(file, { force: true });
  }
}
