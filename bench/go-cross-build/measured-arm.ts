import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '@slipway/runtime';
import { watchMemory } from '../../packages/go/src/build/memory.ts';
import type { Arm, Sample, Course } from './arm.ts';
import { pulledBytes } from './images.ts';

const marker = 'SLIPWAY_BENCH';

function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => /^(?:gosh|shfmt)(?:\.exe)?$/.test(path.basename(file)))
    .reduce((sum, file) => sum + statSync(file).size, 0);
}

/** Runs one arm, timed by GNU time where there is one (it counts every child that was waited for). */
async function measure(arm: Arm, folder: string, out: string, goCache: string) {
  const { file, args, env } = arm.command(folder, out);
  const times = path.join(path.dirname(out), 'times');
  const timed = existsSync('/usr/bin/time');
  const command = timed ? '/usr/bin/time' : file;
  const rest = timed ? ['-o', times, '-f', '%U %S', file, ...args] : args;
  const id = `${arm.name}-${Date.now()}`;
  const memory = watchMemory(systemClock, marker, 50);
  const started = performance.now();
  let printed = '';
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(command, rest, {
      cwd: folder,
      env: {
        ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], GOENV: 'off' },
        ...{ GOCACHE: goCache, GOFLAGS: '', CGO_ENABLED: '0', [marker]: id, ...env },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.on('error', reject);
    child.on('close', resolve);
  });
  const wallMs = performance.now() - started;
  memory.stop();
  if (code !== 0) throw new Error(`${arm.name} ended with ${code}:\n${printed.slice(-2000)}`);
  const cpu = timed ? (await fs.readFile(times, 'utf8')).trim().split('\n').at(-1) : undefined;
  const [user, system] = (cpu ?? '').split(' ').map(Number);
  const digest = /@(sha256:[0-9a-f]{64})/.exec(printed)?.[0];
  return {
    wallMs: Math.round(wallMs),
    cpuMs: user === undefined || system === undefined ? undefined : (user + system) * 1000,
    peakBytes: memory.peak(id),
    digest,
  };
}

/** One arm once, with the build cache that `cache` asks for. */
export async function measureArm(
  course: Course,
  arm: Arm,
  cache: Sample['cache'],
): Promise<Sample> {
  const { folder, out, registry, scratch } = course;
  const goCache = path.join(scratch, 'caches', `${arm.name}-${arm.job}`.replace(/\W+/g, '-'));
  if (cache === 'empty') await fs.rm(goCache, { recursive: true, force: true });
  await fs.rm(out, { recursive: true, force: true });
  const { wallMs, cpuMs, peakBytes } = await measure(arm, folder, out, goCache);
  const bytes = arm.job === 'images' ? await pulledBytes(registry, arm) : sizeOf(out);
  return { arm: arm.name, job: arm.job, cache, bytes, wallMs, cpuMs, peakBytes };
}
