import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { count, formatDuration, formatSize, type Clock, type Log } from '@slipway/runtime';
import { BuildFailure } from './failure.ts';
import type { MemoryWatch } from './memory.ts';
import type { Parallelism } from './parallelism.ts';
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

/** What builds need from outside. */
export interface BuildPorts {
  exec: Exec;
  log: Log;
  clock: Clock;
}

/** One `go build` and where it works. */
interface GoBuild {
  dir: string;
  unit: BuildUnit;
  parallelism: Parallelism;
  scratch: string;
  env: Readonly<Record<string, string>> | undefined;
  watch: MemoryWatch;
  signal: AbortSignal;
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

/** Runs `go build`; the programs are in `goDir` afterwards, as Go calls them. Throws BuildFailure. */
async function compile(
  { exec, log, clock }: BuildPorts,
  build: GoBuild,
  { goDir, workDir }: { goDir: string; workDir: string },
): Promise<void> {
  const { dir, unit, parallelism, signal } = build;
  const progress = buildProgress(log, unit, clock);
  const mains = unit.mains.flatMap(({ sources }) => sources);
  const flags = ['-v', `-p=${parallelism.actionsPerBuild}`, ...unit.args];
  try {
    await exec('go', ['build', ...flags, '-o', goDir + path.sep, '--', ...mains], {
      cwd: dir,
      addEnv: {
        ...build.env,
        ...unit.env,
        GOTMPDIR: workDir,
        GOMEMLIMIT: String(parallelism.memoryLimitBytes),
      },
      signal,
      killGraceMs: 1_000,
      onStderr: progress.line,
    });
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new BuildFailure(
      `go build for ${unit.name} failed`,
      progress.output() || error.message,
      dir,
      adviceFor(progress.output()),
    );
  }
}

/** Builds one unit into a folder of its own below `scratch`. Throws BuildFailure. */
export async function goBuild(ports: BuildPorts, build: GoBuild): Promise<BuiltUnit> {
  const { log, clock } = ports;
  const { unit } = build;
  // A target may have several builds.
  const outDir = await fs.mkdtemp(path.join(build.scratch, `${unit.target.slug}-`));
  const workDir = `${outDir}.work`;
  const goDir = path.join(outDir, 'go');
  await fs.mkdir(workDir, { recursive: true });
  await fs.mkdir(goDir);
  const started = clock.now();
  try {
    await compile(ports, build, { goDir, workDir });
  } finally {
    // Compilers that outlive a killed go may still write there; the runner's temp folder is emptied anyway.
    await fs.rm(workDir, { recursive: true, force: true }).catch(() => undefined);
  }
  const durationMs = clock.now() - started;
  const peakMemoryBytes = build.watch.peak(workDir);
  const ending = unit.target.goos === 'windows' ? '.exe' : '';
  const programs = await Promise.all(
    unit.mains.map(async ({ name, goName, importPath }) => {
      // A folder of its own, since one's name may be what Go calls another, or `go`.
      const file = path.join(outDir, 'named', name + ending);
      await fs.mkdir(path.dirname(file), { recursive: true });
      await fs.rename(path.join(goDir, goName + ending), file);
      return { name, importPath, file, bytes: (await fs.stat(file)).size };
    }),
  );
  const peak = peakMemoryBytes === undefined ? '' : `, peak memory ${formatSize(peakMemoryBytes)}`;
  log.info(
    `${unit.name}: ${count(programs.length, 'program')} in ${formatDuration(durationMs)}${peak}`,
  );
  return { unit, programs, durationMs, peakMemoryBytes };
}
