import path from 'node:path';
import type { RestoreReport } from '@slipway/cache';
import { systemExec } from '@slipway/exec';
import { goFolders, goName, readGoSettings } from '@slipway/go';
import { createHttpClient } from '@slipway/http';
import type { Run } from '@slipway/runtime';
import { withAppAccess } from './app-access.ts';
import { restoreCaches } from './caches.ts';
import { enterToolchain, printGoEnvironment } from './go-environment.ts';
import { parseInputs } from './inputs.ts';
import { heldAccess, reachPrivateModules, withPatterns } from './private-modules.ts';
import { failureSummary, setupSummary } from './summary.ts';
import { chooseToolchain } from './chosen-toolchain.ts';
import { prepareTestCache } from './test-cache.ts';

/** A restore after which later steps have what an earlier run left. */
const servingOutcomes: readonly RestoreReport['outcome'][] = ['restored', 'partial', 'present'];

/** Installs Go and restores the caches, both at the same time. */
export async function main(run: Run): Promise<void> {
  const http = createHttpClient({ env: run.env });
  try {
    await setUp(run, http.fetch);
  } catch (error) {
    await run.summary.append(failureSummary(error));
    throw error;
  } finally {
    await http.close();
  }
}

async function setUp(run: Run, fetch: ReturnType<typeof createHttpClient>['fetch']): Promise<void> {
  const { log, clock, signal, runner } = run;
  const inputs = parseInputs(run.inputs, runner);
  const settings = await readGoSettings(run.env, runner.os);
  const env = withPatterns(inputs.privateModules.patterns, run.env, settings);
  const exec = systemExec({ log, env });
  const ports = { fetch, exec, log, clock, env, signal };
  const chosen = await chooseToolchain(ports, inputs, { runner, arch: process.arch, settings });
  const goVersion = goName(chosen.version);
  const folders = goFolders(env, settings, runner.os);
  const startedMs = clock.now();
  // A toolchain that cannot be had ends the step; there is no use in restoring on.
  const stop = new AbortController();
  const cachePorts = { exec, signal: AbortSignal.any([signal, stop.signal]) };
  const ready = chosen.ready().then(
    (toolchain) => ({ toolchain, installMs: clock.now() - startedMs }),
    (error: unknown) => {
      stop.abort(error);
      throw error;
    },
  );
  const restored = restoreCaches({ ...run, env }, cachePorts, {
    inputs,
    chosen,
    folders,
    settings,
  });
  const keepsTests = inputs.cache && inputs.testCache && inputs.buildCache !== 'off';
  const prepared = keepsTests ? prepareTestCache(run, cachePorts) : undefined;
  const [{ toolchain, installMs }, { caches, note }] = await Promise.all([
    ready,
    restored,
    prepared,
  ]);

  await enterToolchain(run, toolchain, folders);
  const go = path.join(toolchain.root, 'bin', runner.os === 'win32' ? 'go.exe' : 'go');
  await printGoEnvironment(run, exec, go);
  await withAppAccess(run, fetch, inputs.privateModules, (modules) =>
    reachPrivateModules(
      { exec, log },
      {
        modules,
        verify: inputs.verifyModules,
        folder: inputs.workingDirectory,
        go,
        folders,
        runner,
        env,
        signal,
        onFolder: (left) => {
          run.state.save('privateAccess', left, [left]);
          run.exportVariable(heldAccess, 'held');
        },
        exportVariable: run.exportVariable,
      },
    ),
  );
  const hit = (layer: RestoreReport['layer']): RestoreReport | undefined =>
    caches.find((report) => report.layer === layer && servingOutcomes.includes(report.outcome));
  run.outputs.set('go-version', goVersion);
  run.outputs.set('go-path', go);
  run.outputs.set('cache-hit', String(hit('modules')?.exact === true));
  run.outputs.set('build-cache-hit', String(hit('build') !== undefined));
  await run.summary.append(
    setupSummary({
      goVersion,
      why: chosen.why,
      toolchain,
      installMs,
      caches,
      ...(note === undefined ? {} : { cacheNote: note }),
    }),
  );
}
