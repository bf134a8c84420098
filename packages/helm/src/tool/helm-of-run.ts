import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Exec } from '@slipway/exec';
import { createHttpClient } from '@slipway/http';
import type { Run } from '@slipway/runtime';
import { ensureHelm, type HelmTool } from './tool.ts';

/**
 * The Helm that an action's input `helm-version` names, through `ensureHelm` with the ports of `run`.
 * `downloadBaseUrl` replaces get.helm.sh. Throws as `ensureHelm` does.
 */
export async function helmOfRun(
  run: Run,
  exec: Exec,
  wanted: { version: string; downloadBaseUrl?: string },
): Promise<HelmTool> {
  const { log, env, clock, runner } = run;
  const { version, ...where } = wanted;
  const http = createHttpClient({ env });
  try {
    return await ensureHelm(version, {
      exec,
      log,
      env,
      clock,
      ...where,
      fetch: http.fetch,
      toolCache: runner.toolCache ?? path.join(runner.tempDir, 'tool-cache'),
      os: runner.os,
      arch: process.arch,
    });
  } finally {
    await http.close();
  }
}

/** Who holds a release, in words that people find again: `acme/shop/runs/42/1/deploy/1f0c9a3b`. */
export function ownerOfRun({ runner }: Run): string {
  const { repository, runId, runAttempt, job } = runner;
  const attempt = `${repository || 'local'}/runs/${runId || process.pid}/${runAttempt}`;
  return `${attempt}/${job || 'job'}/${randomUUID().slice(0, 8)}`;
}
