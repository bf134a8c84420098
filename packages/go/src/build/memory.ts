import * as fs from 'node:fs/promises';
import type { Clock, Timer } from '@slipway/runtime';

/** Peak memory of process trees, each found by a variable in the environment of its first process. */
export interface MemoryWatch {
  /** Bytes; undefined where it cannot be measured (no Linux /proc). */
  peak(marker: string): number | undefined;
  stop(): void;
}

async function children(pid: number | string): Promise<string[]> {
  try {
    const tasks = await fs.readdir(`/proc/${pid}/task`);
    const lists = await Promise.all(
      tasks.map((task) =>
        fs.readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => ''),
      ),
    );
    return lists.flatMap((list) => list.split(' ').filter((each) => each !== ''));
  } catch {
    return [];
  }
}

async function residentBytes(pid: string): Promise<number> {
  const status = await fs.readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function treeBytes(pid: string): Promise<number> {
  const [own, below] = await Promise.all([
    residentBytes(pid),
    children(pid).then((pids) => Promise.all(pids.map(treeBytes))),
  ]);
  return below.reduce((sum, each) => sum + each, own);
}

/**
 * Samples the child processes of this process every `intervalMs`. A child belongs to the marker that
 * is the value of `variable` in its environment. Short-lived peaks between samples are missed.
 */
export function watchMemory(clock: Clock, variable: string, intervalMs = 200): MemoryWatch {
  const peaks = new Map<string, number>();
  const markers = new Map<string, string>();
  let stopped = process.platform !== 'linux';
  const markerOf = async (pid: string): Promise<string> => {
    const known = markers.get(pid);
    if (known !== undefined) return known;
    const environ = await fs.readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const entry = environ.split('\0').find((each) => each.startsWith(`${variable}=`));
    // Until exec has replaced it, a new child still shows this process's environment.
    if (entry === undefined) return '';
    const marker = entry.slice(variable.length + 1);
    markers.set(pid, marker);
    return marker;
  };
  const sample = async (): Promise<void> => {
    for (const pid of await children(process.pid)) {
      const marker = await markerOf(pid);
      if (marker !== '') peaks.set(marker, Math.max(peaks.get(marker) ?? 0, await treeBytes(pid)));
    }
    if (!stopped) timer = clock.after(intervalMs, () => void sample());
  };
  let timer: Timer | undefined;
  if (!stopped) void sample();
  return {
    peak: (marker) => peaks.get(marker),
    stop: () => {
      stopped = true;
      timer?.stop();
    },
  };
}
