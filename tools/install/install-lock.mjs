// One command at a time may change node_modules. The lock is a folder that holds one file, named by the
// process that has it; the file names the npm which that process started. Plain JavaScript for Node 20.
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 200;

/** A process and when it began, so that another with its number is told apart where there is a /proc. */
function processName(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command's name in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${pid}-${fields[19]}`;
  } catch {
    return `${pid}-0`;
  }
}

function isAlive(name) {
  const pid = Number(/^(\d+)-\d+$/.exec(name)?.[1] ?? 0);
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return processName(pid) === name;
}

function readOr(otherwise, read) {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** Makes the lock with us as its holder; false when it is there. It appears with its file or not at all. */
function makeLock(folder, own) {
  const draft = `${folder}.${own}`;
  mkdirSync(draft, { recursive: true });
  writeFileSync(path.join(draft, own), '');
  try {
    renameSync(draft, folder);
    return true;
  } catch {
    rmSync(draft, { recursive: true, force: true });
    return false;
  }
}

/** Who has the lock and lives: its holder, or the npm of a holder that was killed. */
function livingHolder(folder, name) {
  if (isAlive(name)) return name;
  const npm = readOr('', () => readFileSync(path.join(folder, name), 'utf8'));
  return isAlive(npm) ? npm : undefined;
}

/** Only one can rename the dead holder's file, and nobody can rename that of a living one by mistake. */
function takeOver(folder, dead, own) {
  return readOr(false, () => {
    renameSync(path.join(folder, dead), path.join(folder, own));
    return true;
  });
}

function tryTaking(folder, own) {
  if (makeLock(folder, own)) return { taken: true };
  const [name] = readOr([], () => readdirSync(folder));
  if (name === undefined) {
    readOr(undefined, () => rmdirSync(folder));
    return { taken: false };
  }
  const holder = livingHolder(folder, name);
  return holder === undefined ? { taken: takeOver(folder, name, own) } : { taken: false, holder };
}

/**
 * Waits for the lock `folder` and takes it; `onWait` hears once of each holder that is waited for. What
 * comes back has `noteNpm`, to be told the process of npm, and `release`.
 */
export async function takeInstallLock(folder, onWait) {
  mkdirSync(path.dirname(folder), { recursive: true });
  const own = processName(process.pid);
  let announced;
  for (;;) {
    const { taken, holder } = tryTaking(folder, own);
    if (taken) break;
    if (holder !== undefined && holder !== announced) onWait(Number(holder.split('-')[0]));
    announced = holder ?? announced;
    await sleep(pauseMs);
  }
  const file = path.join(folder, own);
  return {
    noteNpm: (pid) => writeFileSync(file, processName(pid) ?? ''),
    release: () => {
      rmSync(file, { force: true });
      readOr(undefined, () => rmdirSync(folder));
    },
  };
}
