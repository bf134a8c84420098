import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { formatDuration, formatSize, type Clock, type Log } from '@slipway/runtime';
import { BuildFailure } from './failure.ts';
import { watchMemory, type MemoryWatch } from './memory.ts';
import { expectedPeak, type Parallelism } from './parallelism.ts';
import type { BuildUnit } from './plan.ts';
import { buildProgress } from './progress.ts';

/** A finished `go build`. */
export interface BuiltUnit {
  unit: BuildUnit;
  /** The programs, in the order of `unit.mains`. */
  programs: readonly { name: string; importPath: string; file: string; bytes: number }[];
  durationMs: number;
  /** Of the process tree, sampled; undefined where it cannot be measured. */
  peakMemoryBytes: number | undefined;
}

/** What `runBuilds` needs from outside. */
export interface BuildPorts {
  exec: Exec;
  log: Log;
  clock: Clock;
}

/**
 * Runs the builds, the largest first, as many at once as the plan and the memory allow; `onBuilt` is
 * called as each is done and may take its time while others build. Throws BuildFailure of the first
 * that fails and stops the rest. `scratch` gets one folder per build; nothing else is written.
 */
export async function runBuilds(
  ports: BuildPorts,
  options: {
    dir: string;
    units: readonly BuildUnit[];
    parallelism: Parallelism;
    scratch: string;
    /** Added to the environment of every build. */
    env?: Readonly<Record<string, string>>;
    signal: AbortSignal;
    onBuilt?: (built: BuiltUnit) => Promise<void>;
  },
): Promise<BuiltUnit[]> {
  const { units, parallelism, signal } = options;
  const waiting = [...units].sort((a, b) => b.packageCount - a.packageCount);
  const running = new Map<BuildUnit, { reserved: number; done: Promise<void> }>();
  const measured: number[] = [];
  const results: BuiltUnit[] = [];
  const followUps: Promise<void>[] = [];
  const failed = new AbortController();
  const watch = watchMemory('GOTMPDIR');
  const either = AbortSignal.any([signal, failed.signal]);

  const start = (unit: BuildUnit, reserved: number): void => {
    const done = buildOne(ports, { ...options, unit, watch, signal: either }).then(
      (built) => {
        if (built.peakMemoryBytes !== undefined) measured.push(built.peakMemoryBytes);
        results.push(built);
        if (options.onBuilt !== undefined) followUps.push(options.onBuilt(built));
        running.delete(unit);
      },
      (error: unknown) => {
        failed.abort(error);
        throw error;
      },
    );
    running.set(unit, { reserved, done });
  };
  try {
    while (waiting.length > 0 || running.size > 0) {
      const next = waiting[0];
      const need = next === undefined ? 0 : expectedPeak(next.packageCount, measured);
      const used = [...running.values()].reduce((sum, { reserved }) => sum + reserved, 0);
      const fits = running.size === 0 || used + need <= parallelism.memoryBudgetBytes;
      if (next !== undefined && running.size < parallelism.builds && fits) {
        waiting.shift();
        start(next, need);
      } else await Promise.race([...running.values()].map(({ done }) => done));
    }
    await Promise.all(followUps);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled([...[...running.values()].map(({ done }) => done), ...followUps]);
    throw error;
  } finally {
    watch.stop();
  }
  return units.flatMap((unit) => results.filter((built) => built.unit === unit));
}

async function buildOne(
  { exec, log, clock }: BuildPorts,
  options: {
    dir: string;
    unit: BuildUnit;
    parallelism: Parallelism;
    scratch: string;
    env?: Readonly<Record<string, string>>;
    watch: MemoryWatch;
    signal: AbortSignal;
  },
): Promise<BuiltUnit> {
  const { dir, unit, parallelism, signal } = options;
  const outDir = path.join(options.scratch, `${unit.target.slug}${unit.cgo ? '-cgo' : ''}`);
  const workDir = `${outDir}.work`;
  await fs.mkdir(outDir, { recursive: true });
  await fs.mkdir(workDir, { recursive: true });
  const progress = buildProgress(log, unit, clock);
  const started = clock.now();
  try {
    await exec(
      'go',
      [
        'build',
        '-v',
        `-p=${parallelism.actionsPerBuild}`,
        ...unit.args,
        '-o',
        outDir + path.sep,
        '--',
        ...unit.mains.map(({ importPath }) => importPath),
      ],
      {
        cwd: dir,
        addEnv: {
          ...options.env,
          ...unit.env,
          GOTMPDIR: workDir,
          GOMEMLIMIT: String(parallelism.memoryLimitBytes),
        },
        signal,
        killGraceMs: 1_000,
        onStderr: progress.line,
      },
    );
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new BuildFailure(
      `go build for ${unit.name} failed`,
      progress.output() || error.message,
      dir,
      adviceFor(progress.output()),
    );
  } finally {
    // Compilers that outlive a killed go may still write there; the runner's temp folder is emptied anyway.
    await fs.rm(workDir, { recursive: true, force: true }).catch(() => undefined);
  }
  const durationMs = clock.now() - started;
  const peakMemoryBytes = options.watch.peak(workDir);
  const ending = unit.target.goos === 'windows' ? '.exe' : '';
  const programs = await Promise.all(
    unit.mains.map(async ({ name, importPath }) => {
      const file = path.join(outDir, name + ending);
      return { name, importPath, file, bytes: (await fs.stat(file)).size };
    }),
  );
  log.info(
    `${unit.name}: ${programs.length === 1 ? '1 program' : `${programs.length} programs`} in ${formatDuration(durationMs)}${
      peakMemoryBytes === undefined ? '' : `, peak memory ${formatSize(peakMemoryBytes)}`
    }`,
  );
  return { unit, programs, durationMs, peakMemoryBytes };
}

function adviceFor(output: string): string | undefined {
  if (output.includes('signal: killed'))
    return 'A compiler was killed, most likely because memory ran out: split the targets over jobs (plan-only and a matrix) or take a larger runner.';
  if (output.includes('no space left on device'))
    return 'The disk is full: build fewer targets in one job, or free space before this step.';
  if (output.includes('error obtaining VCS status'))
    return 'Check out with Git history that Git accepts (safe.directory), or set GOFLAGS: -buildvcs=false.';
  return undefined;
}
