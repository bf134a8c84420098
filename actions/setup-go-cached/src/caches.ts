import { cacheAccess, restoreApart, type RestoreReport } from '@slipway/cache';
import type { Exec } from '@slipway/exec';
import { releaseName, type GoFolders } from '@slipway/go';
import { errorMessage, type Run } from '@slipway/runtime';
import { cacheCommand } from './cache-command.ts';
import { planCaches } from './cache-plan.ts';
import type { Inputs } from './inputs.ts';
import { describeRestore } from './summary.ts';
import type { ChosenToolchain } from './chosen-toolchain.ts';

/** Restores what there is and leaves for post what to save. Throws only when the job is cancelled. */
export async function restoreCaches(
  run: Run,
  ports: { exec: Exec; signal: AbortSignal },
  given: {
    inputs: Inputs;
    chosen: ChosenToolchain;
    folders: GoFolders | undefined;
    settings: Readonly<Record<string, string>>;
  },
): Promise<{ caches: RestoreReport[]; note?: string }> {
  const { inputs, chosen, folders, settings } = given;
  if (!inputs.cache) return { caches: [], note: 'off' };
  if (folders === undefined) return { caches: [], note: 'off: there is no home folder' };
  const access = cacheAccess(run.env);
  if ('unavailable' in access) {
    run.log.info(`No cache: ${access.unavailable}.`);
    return { caches: [], note: `none: ${access.unavailable}` };
  }
  const toolchain = {
    goVersion: releaseName(chosen.version),
    architecture: chosen.architecture,
  };
  try {
    const plan = await planCaches(run, inputs, toolchain, folders, settings);
    const process = { ...ports, env: run.env, command: cacheCommand() };
    const { state, reports } = await restoreApart(process, access, plan);
    for (const report of reports) run.log.info(`${report.layer} cache: ${describeRestore(report)}`);
    if (inputs.cacheSave && access.writable) run.state.save('caches', state);
    return { caches: reports };
  } catch (error) {
    ports.signal.throwIfAborted();
    const note = `not restored: ${errorMessage(error)}`;
    run.log.info(`Caches: ${note}`);
    return { caches: [], note };
  }
}
