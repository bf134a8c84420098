import { isGoCacheState, openCacheService, saveGoCaches } from '@slipway/cache';
import { createHttpClient } from '@slipway/http';
import type { Run } from '@slipway/runtime';
import { isAccessFolder, removeAccessFolder } from './private-modules.ts';
import { describeSave } from './summary.ts';

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
  const { log, clock, env, signal } = run;
  const http = createHttpClient({ env });
  try {
    const ports = { fetch: http.fetch, log, clock, env, signal };
    const access = openCacheService(ports);
    if ('unavailable' in access) return;
    for (const report of await saveGoCaches(ports, access.service, state)) {
      const line = `${report.layer} cache: ${describeSave(report)}`;
      if (report.outcome === 'failed') log.warning(line);
      else log.info(line);
    }
  } finally {
    await http.close();
  }
}
