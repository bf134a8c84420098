import { compareAffected } from './flow/affected.ts';
import { timePlans } from './flow/plan.ts';

/** Runs both parts, or the one that the first argument names: `plan`, with a number of rounds after it, or `affected`. */
export async function run([part, rounds]: readonly string[] = []): Promise<void> {
  if (part !== undefined && part !== 'plan' && part !== 'affected')
    throw new Error(`flow has no part ${part}; it has plan and affected.`);
  if (part !== 'plan') await compareAffected();
  if (part !== 'affected') await timePlans(rounds === undefined ? undefined : Number(rounds));
}
