import { InputError } from '@slipway/runtime';
import type { StageEntry } from './stage-plan.ts';

/**
 * So many bytes of stages fit a variable of a step's environment: Linux gives one string 128 KiB. What
 * go-release.yml cannot choose from is better refused in the plan than met at the end.
 */
const mostBytes = 120_000;

/**
 * Stages as JSON: a list of matrices. One entry is one line that begins with `{"service":`, so that a
 * script can choose among them without reading JSON.
 */
export function stagesOutput(stages: readonly (readonly StageEntry[])[]): string {
  const matrices = stages.map(
    (entries) => `{"include":[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]}`,
  );
  return `[${matrices.join(',')}]`;
}

/** Refuses what a workflow with so many jobs for stages cannot deploy; zero is no limit. */
export function checkStages(stages: readonly (readonly StageEntry[])[], maxStages: number): void {
  if (maxStages === 0) return;
  const { length } = stages;
  if (length > maxStages)
    throw new InputError(
      `The release to ${stages[0]?.[0]?.environment ?? ''} has ${length} stages, more than the ${maxStages} that this workflow deploys one after the other: each wave counts once for every level of depends-on in it.`,
      {
        next: 'Put several targets into one wave, take services out of a depends-on, or release the services in parts.',
      },
    );
  const bytes = Buffer.byteLength(stagesOutput(stages));
  if (bytes > mostBytes)
    throw new InputError(
      `The release has ${stages.flat().length} deployments, whose plan of ${Math.ceil(bytes / 1000)} kB is more than the ${mostBytes / 1000} kB that a job of this workflow can read.`,
      { next: 'Release the services in parts, such as by tags of one service.' },
    );
}
