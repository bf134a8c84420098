import * as fs from 'node:fs/promises';
import type { Clock, Log } from '@slipway/runtime';
import { ownerVariable } from './runner.ts';

/** Process ids of Helms that carry `owner` in their environment; empty where there is no /proc. */
async function findOwnHelm(owner: string): Promise<readonly number[]> {
  const entries = await fs.readdir('/proc').catch(() => []);
  const found = await Promise.all(
    entries
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const environment = await fs.readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
        const marked = environment.split('\0').includes(`${ownerVariable}=${owner}`);
        return marked ? Number(name) : undefined;
      }),
  );
  return found.filter((pid) => pid !== undefined);
}

/**
 * Stops a Helm of this job that outlived its main step (the runner signals the entry process only).
 * Left alone it would go on beside the rollback, and finish the cancelled revision.
 */
export async function stopOwnHelm(
  owner: string,
  ports: { clock: Clock; log: Log },
): Promise<number> {
  const first = await findOwnHelm(owner);
  let running = first;
  for (const [at, signal] of (['SIGINT', 'SIGKILL'] as const).entries()) {
    for (const pid of running) {
      ports.log.info(`Stopping the Helm that the cancelled step left running (process ${pid})`);
      try {
        process.kill(pid, signal);
      } catch {
        // It ended by itself.
      }
    }
    for (let waited = 0; waited < 3_000 && running.length > 0; waited += 100) {
      await ports.clock.sleep(100);
      running = await findOwnHelm(owner);
    }
    if (running.length === 0 || at === 1) break;
  }
  return first.length;
}
