import type { JobRun } from '../workflows/runner-log.ts';

/** One fact that was looked up after a stage, and whether it is what it should be. */
export interface Check {
  fact: string;
  seen: string;
  ok: boolean;
}

/** One workflow run of the demo. Times are milliseconds since 1970. */
export interface StageResult {
  title: string;
  /** What happened in the service repository. */
  event: string;
  /** What must come of it. */
  expectation: string;
  checks: readonly Check[];
  jobs: readonly JobRun[];
  startedMs: number;
  endedMs: number;
}

/** Something that went on beside the stages, such as the start of the cluster. */
export interface SideWork {
  title: string;
  startedMs: number;
  endedMs: number;
}

/** All that the demo has to show. */
export interface DemoResult {
  startedMs: number;
  endedMs: number;
  stages: readonly StageResult[];
  sideWork: readonly SideWork[];
  /** What the runs happened on, as name and value. */
  machine: readonly (readonly [name: string, value: string])[];
}

/** Whether every fact of a stage is as it should be. */
export function isAsExpected(stage: Pick<StageResult, 'checks'>): boolean {
  return stage.checks.length > 0 && stage.checks.every(({ ok }) => ok);
}
