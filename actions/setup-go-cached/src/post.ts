import { cacheAccess, isGoCacheState, saveApart } from '@slipway/cache';
import { systemExec } from '@slipway/exec';
import { timeLimit, type Run } from '@slipway/runtime';
import { cacheCommand } from './cache-command.ts';
import { stateAtPost } from './cache-plan.ts';
import { heldAccess, isAccessFolder, removeAccessFolder } from './private-modules.ts';
import { describeSave, saveSummary } from './summary.ts';

/** How long a job that held credentials may save. */
const saveMs = 120_000;

/**
 * Removes the credentials of the job and what a killed main left of its own, and saves what the job added to the caches. Reads
 * state only. Throws CredentialLeftError; a cache fails no job.
 */
export async function post(run: Run): Promise<void> {
  const folder = run.state.load('privateAccess', isAccessFolder);
  if (folder !== undefined) await removeAccessFolder(folder);
  await saveCaches(run);
}

async function saveCaches(run: Run): Promise<void> {
  const state = run.state.load('caches', isGoCacheState);
  if (state === undefined) return;
  const { log, env, clock } = run;
  if ('unavailable' in cacheAccess(env)) return;
  // It may be that the job was cancelled, which post is not told, and that somebody waits for its end.
  const signal = env[heldAccess] ? timeLimit(clock, saveMs, run.signal) : run.signal;
  const exec = systemExec({ log, env });
  const saved = await saveApart(
    { exec, env, signal, command: cacheCommand() },
    await stateAtPost(run, state),
  );
  for (const report of saved) {
    const line = `${report.layer} cache: ${describeSave(report)}`;
    if (report.outcome === 'failed') log.warning(line);
    else log.info(line);
  }
  const summary = saveSummary(saved);
  if (summary !== '') await run.summary.append(summary);
}
