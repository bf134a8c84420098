import { watchMemory } from './memory.ts';
import { goBuild, type BuildPorts, type BuiltUnit } from './go-build.ts';
import { expectedPeak, type Parallelism } from './parallelism.ts';
import type { BuildUnit } from './plan.ts';

/** What is built, and what is done with each build. */
export interface BuildRun<Result> {
  /** The folder that go runs in. */
  dir: string;
  units: readonly BuildUnit[];
  parallelism: Parallelism;
  /** Gets one folder per build; nothing else is written. */
  scratch: string;
  /** Added to the environment of every build. */
  env?: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** Called as each build is done; may take its time while others build. */
  onBuilt: (built: BuiltUnit) => Promise<Result>;
}

/** A build that runs, with the memory that it may come to need. */
interface Running {
  reservedBytes: number;
  /** Never rejects. */
  ended: Promise<void>;
}

function hasRoom(running: readonly Running[], needBytes: number, plan: Parallelism): boolean {
  if (running.length === 0) return true;
  const usedBytes = running.reduce((sum, { reservedBytes }) => sum + reservedBytes, 0);
  return running.length < plan.builds && usedBytes + needBytes <= plan.memoryBudgetBytes;
}

/**
 * Runs the builds, the largest first, as many at once as the plan and the memory allow. Returns what
 * `onBuilt` made of each, in the order of the units. Throws what failed first, a build (BuildFailure)
 * or its `onBuilt`, once all others have ended.
 */
export async function runBuilds<Result>(
  ports: BuildPorts,
  run: BuildRun<Result>,
): Promise<Result[]> {
  const { dir, units, parallelism, scratch, env } = run;
  const failed = new AbortController();
  const signal = AbortSignal.any([run.signal, failed.signal]);
  const fail = (error: unknown): void => failed.abort(error);
  const watch = watchMemory(ports.clock, 'GOTMPDIR');
  const running = new Map<BuildUnit, Running>();
  const measured: number[] = [];
  const results = new Map<BuildUnit, Promise<Result>>();

  const work = async (unit: BuildUnit): Promise<void> => {
    const built = await goBuild(ports, { dir, unit, parallelism, scratch, env, watch, signal });
    if (built.peakMemoryBytes !== undefined) measured.push(built.peakMemoryBytes);
    const result = run.onBuilt(built);
    results.set(unit, result);
    // It may fail before anybody awaits it, which would end the process without a word.
    result.catch(fail);
  };
  try {
    for (const unit of [...units].sort((a, b) => b.packageCount - a.packageCount)) {
      const reservedBytes = (): number => expectedPeak(unit.packageCount, measured);
      while (!hasRoom([...running.values()], reservedBytes(), parallelism))
        await Promise.race([...running.values()].map(({ ended }) => ended));
      if (signal.aborted) break;
      const ended = work(unit)
        .catch(fail)
        .finally(() => running.delete(unit));
      running.set(unit, { reservedBytes: reservedBytes(), ended });
    }
    await Promise.all([...running.values()].map(({ ended }) => ended));
    await Promise.allSettled(results.values());
  } finally {
    watch.stop();
  }
  signal.throwIfAborted();
  return Promise.all(units.flatMap((unit) => results.get(unit) ?? []));
}
