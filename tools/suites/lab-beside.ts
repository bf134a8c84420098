import { spawn } from 'node:child_process';
import path from 'node:path';
import { isLabUp } from '../../test/lab/lab.ts';
import { root } from '../manifest.ts';

/** A lab that comes up while something else runs. */
export interface LabBeside {
  /** Resolves when the lab is up, and to false when it could not be started. */
  up: Promise<boolean>;
  /** Takes the lab down if it was started here; SLIPWAY_KEEP_LAB=1 leaves it. */
  down(): Promise<void>;
}

function lab(command: 'up' | 'down', onLine: (line: string) => void): Promise<boolean> {
  const child = spawn(process.execPath, [path.join(root, 'tools', 'lab.ts'), command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      lines.filter((line) => line.trim() !== '').forEach(onLine);
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve(code === 0)));
}

/** Starts the lab in the background, its lines marked `lab |`. Does nothing when it is up already. */
export async function startLabBeside(): Promise<LabBeside> {
  const print = (line: string): void => console.log(`lab | ${line}`);
  const wasUp = await isLabUp(process.env);
  return {
    up: wasUp ? Promise.resolve(true) : lab('up', print),
    down: async () => {
      if (!wasUp && process.env['SLIPWAY_KEEP_LAB'] !== '1') await lab('down', print);
    },
  };
}
