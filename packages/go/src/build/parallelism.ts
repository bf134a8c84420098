import type { Machine } from './machine.ts';

/** How many `go build` run at once and what each may use. */
export interface Parallelism {
  /** `go build` processes at once, at most. */
  builds: number;
  /** `-p` of each: compilers and linkers at once. */
  actionsPerBuild: number;
  /** GOMEMLIMIT of every process of the toolchain, in bytes: above it, it collects garbage harder. */
  memoryLimitBytes: number;
  /** What all builds together may take. */
  memoryBudgetBytes: number;
}

const mib = 1024 * 1024;

/**
 * Plans for the machine: two builds at once so that the link of one (which uses one core) overlaps
 * with compiling another, more only on many cores, fewer when memory is short. Go's and goreleaser's
 * default, as many builds as cores with as many compilers each, is what kills release jobs
 * (goreleaser#5699).
 */
export function planParallelism(machine: Machine, units: number): Parallelism {
  const memoryBudgetBytes = Math.floor(machine.memoryBytes * 0.8);
  const wanted = Math.max(2, Math.ceil(machine.cores / 4));
  const affordable = Math.max(1, Math.floor(memoryBudgetBytes / (1024 * mib)));
  const builds = Math.max(1, Math.min(units, wanted, affordable));
  const perCores = Math.max(1, Math.ceil((machine.cores * (builds > 1 ? 1.5 : 1)) / builds));
  const perMemory = Math.max(1, Math.floor(memoryBudgetBytes / builds / (300 * mib)));
  const actionsPerBuild = Math.min(machine.cores, perCores, perMemory);
  return {
    builds,
    actionsPerBuild,
    memoryLimitBytes: Math.max(
      200 * mib,
      Math.floor(memoryBudgetBytes / (builds * actionsPerBuild)),
    ),
    memoryBudgetBytes,
  };
}

/**
 * What one build is expected to need at its peak, in bytes. The linker of a large program decides it;
 * `measured` are the peaks of builds of the same programs for other targets, the best guess there is.
 */
export function expectedPeak(packageCount: number, measured: readonly number[]): number {
  if (measured.length > 0) return Math.max(...measured) * 1.15;
  return 300 * mib + packageCount * 0.6 * mib;
}
