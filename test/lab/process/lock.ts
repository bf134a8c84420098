import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunning, processStat } from './daemon.ts';

interface Owner {
  pid: number;
  startTicks: number;
  id: string;
}

/** Who holds the lock file: nobody when there is none, and nobody knows when a crash cut it short. */
async function readOwner(file: string): Promise<Owner | 'nobody' | 'half-written'> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nobody';
    throw error;
  }
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return 'half-written';
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
 * Removes a lock whose owner is dead. Many may find it at once, and one that comes late must not
 * remove the lock that another has taken meanwhile: whoever removes holds the lock of this one dead
 * owner, and looks again under it. Nobody else can change a dead owner's lock, so what that look
 * shows still holds at the removal.
 */
async function clearDead(file: string, dead: Owner | 'half-written'): Promise<void> {
  const id = dead === 'half-written' ? dead : dead.id;
  const name = createHash('sha256').update(id).digest('hex').slice(0, 16);
  await withLock(`${file}.dead-${name}`, async () => {
    const holder = await readOwner(file);
    const same = typeof holder === 'object' ? holder.id === id : holder === dead;
    if (same) await rm(file, { force: true });
  });
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
    if (holder === 'nobody') continue;
    if (holder === 'half-written' || !isAlive(holder)) {
      await clearDead(file, holder);
      continue;
    }
    if (attempt % 100 === 0) onWait(holder.pid);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  try {
    return await body();
  } finally {
    const holder = await readOwner(file);
    if (typeof holder === 'object' && holder.id === owner.id) await rm(file, { force: true });
  }
}
