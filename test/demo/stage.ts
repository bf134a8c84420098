import type { WorkflowRun } from '../workflows/local-runner.ts';
import type { Check } from './demo-result.ts';
import type { World } from './world.ts';

/** What is told of a stage, before and after. */
export interface StageStory {
  title: string;
  event: string;
  expectation: string;
}

/** What a stage leaves to be judged. */
export interface StageOutcome {
  run: WorkflowRun;
  checks: readonly Check[];
}

/** A stage that needs the cluster. */
export interface ReleaseStage extends StageStory {
  perform(world: World, folder: string): Promise<StageOutcome>;
}
