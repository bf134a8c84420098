import path from 'node:path';
import type { Exec } from '@slipway/exec';
import { ActionError, formatDuration, timeLimit, type Run } from '@slipway/runtime';

/** Less than the ten minutes of the job in go-release.yml: who is ended from outside gives no answer. */
const planLimitMs = 8 * 60_000;

/**
 * Does `plan` with a limit of time on all of it: what it waits for (git, go, GitHub, a cluster) ends then, and the
 * ActionError says what that was. A cancelled job ends it with its own reason.
 */
export async function withinPlanLimit<T>(
  run: Run,
  exec: Exec,
  plan: (run: Run, exec: Exec) => Promise<T>,
): Promise<T> {
  const signal = timeLimit(run.clock, planLimitMs, run.signal);
  const running = new Set<string>();
  const limited: Exec = async (file, args, options = {}) => {
    const name = path.basename(file);
    running.add(name);
    try {
      return await exec(file, args, { ...options, signal: options.signal ?? signal });
    } finally {
      // What the limit ended stays, to be named.
      if (!signal.aborted) running.delete(name);
    }
  };
  const stopped = (): ActionError => {
    const waited = running.size === 0 ? '' : `, and it was waiting for ${[...running].join(', ')}`;
    return new ActionError(
      `The plan took longer than ${formatDuration(planLimitMs)}${waited}. Nothing was planned.`,
      {
        next: 'Run it again when the machine or GitHub was slow; else look at the log with debug output (ACTIONS_STEP_DEBUG) for the last command.',
      },
    );
  };
  try {
    const made = await plan(Object.assign({}, run, { signal }), limited);
    // Whoever was stopped may have been taken for one that could not tell.
    if (signal.aborted && !run.signal.aborted) throw stopped();
    return made;
  } catch (error) {
    throw signal.aborted && !run.signal.aborted ? stopped() : error;
  }
}
