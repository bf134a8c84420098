import {
  openCacheService,
  restoreGoCaches,
  type CachePorts,
  type RestoreReport,
} from '@slipway/cache';
import { releaseName, type GoFolders } from '@slipway/go';
import type { Run } from '@slipway/runtime';
import { planCaches } from './cache-plan.ts';
import type { Inputs } from './inputs.ts';
import { describeRestore } from './summary.ts';
import type { ChosenToolchain } from './chosen-toolchain.ts';

/** Restores what there is and leaves for post what to save. Throws only when the job is cancelled. */
export async function restoreCaches(
  run: Run,
  ports: CachePorts,
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
  const access = openCacheService(ports);
  if ('unavailable' in access) {
    run.log.info(`No cache: ${access.unavailable}.`);
    return { caches: [], note: `none: ${access.unavailable}` };
  }
  const toolchain = {
    goVersion: releaseName(chosen.version),
    architecture: chosen.architecture,
  };
  const plan = await planCaches(run, inputs, toolchain, folders, settings);
  const service = access.readable ? access.service : undefined;
  const { state, modules, build } = await restoreGoCaches(ports, service, plan);
  const caches = [modules, build].filter((report) => report !== undefined);
  for (const report of caches) run.log.info(`${report.layer} cache: ${describeRestore(report)}`);
  // A service that just failed would only make the job longer a second time.
  const failed = caches.some((report) => report.outcome === 'failed');
  if (inputs.cacheSave && access.writable && !failed) run.state.save('caches', state);
  return { caches };
}
