import * as fs from 'node:fs/promises';
import os from 'node:os';

/** What a build may use of the machine. */
export interface Machine {
  cores: number;
  /** Memory that is free for it now, in bytes, a container's limit considered. */
  memoryBytes: number;
}

async function readNumber(file: string): Promise<number | undefined> {
  try {
    const text = (await fs.readFile(file, 'utf8')).trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

async function cgroupRoom(limitFile: string, usedFile: string): Promise<number | undefined> {
  const [limit, used] = await Promise.all([readNumber(limitFile), readNumber(usedFile)]);
  return limit === undefined ? undefined : Math.max(0, limit - (used ?? 0));
}

async function availableBytes(): Promise<number> {
  try {
    const text = await fs.readFile('/proc/meminfo', 'utf8');
    const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
    return kib === undefined ? os.freemem() : Number(kib) * 1024;
  } catch {
    // macOS counts reclaimable cache as used; half of the machine is the better guess there.
    return Math.max(os.freemem(), os.totalmem() / 2);
  }
}

/** Cores and free memory of this machine, within the limits of the container it may be in. */
export async function readMachine(): Promise<Machine> {
  const rooms = await Promise.all([
    availableBytes(),
    cgroupRoom('/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory.current'),
    cgroupRoom(
      '/sys/fs/cgroup/memory/memory.limit_in_bytes',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes',
    ),
  ]);
  const memoryBytes = Math.min(...rooms.filter((room) => room !== undefined));
  return { cores: os.availableParallelism(), memoryBytes };
}
