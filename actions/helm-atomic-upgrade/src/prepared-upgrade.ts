import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { systemExec, type Exec } from '@slipway/exec';
import {
  ensureNamespace,
  gitHistory,
  helmOfRun,
  ownerOfRun,
  rehearseUpgrade,
  removeRelease,
  UnfinishedUpgradeError,
  upgradeRelease,
  writeValueLayers,
  type Source,
  type UpgradePlan,
  type UpgradeResult,
} from '@slipway/helm';
import { createHttpClient } from '@slipway/http';
import type { MaskSecret, Run } from '@slipway/runtime';
import { connect, openClusterAccess } from './cluster-access.ts';
import type { Inputs } from './inputs.ts';
import { openChartOfInputs } from './opened-chart.ts';
import { postRendererOf } from './post-renderer.ts';
import { namesIn, type SavedState } from './saved-state.ts';

/** What Helm is asked for. */
function planOf(
  inputs: Inputs,
  made: Pick<UpgradePlan, 'namespace' | 'chart' | 'valueFiles' | 'postRenderer'>,
): UpgradePlan {
  return {
    release: inputs.release,
    namespace: made.namespace,
    chart: made.chart,
    valueFiles: made.valueFiles,
    wait: inputs.wait,
    waitForJobs: inputs.waitForJobs,
    historyMax: inputs.historyMax,
    forceConflicts: inputs.forceConflicts,
    crds: inputs.crds,
    hooks: inputs.hooks,
    takeOwnership: inputs.takeOwnership,
    schemaValidation: inputs.schemaValidation,
    description: inputs.description,
    labels: inputs.labels,
    postRenderer: made.postRenderer,
  };
}

/** The value files of the inputs, weakest first, in `folder`. */
async function valuesOfInputs(
  { env, clock, log }: Run,
  { values }: Inputs,
  { folder, maskSecret }: { folder: string; maskSecret: MaskSecret },
): Promise<readonly string[]> {
  const http = createHttpClient({ env });
  try {
    return await writeValueLayers({ fetch: http.fetch, clock, log, maskSecret }, values, folder);
  } finally {
    await http.close();
  }
}

/** The commit of the inputs, and the clone in the workspace that knows how it stands to others. */
function sourceOf(run: Run, exec: Exec, { source }: Inputs): Source | undefined {
  if (source === undefined) return undefined;
  const { commit, policy, allowOlder, token } = source;
  const { workspace: folder, serverUrl: server } = run.runner;
  const login = token === '' ? undefined : { server, token };
  const { env, signal } = run;
  return { commit, policy, allowOlder, commits: gitHistory(exec, { folder, env, signal, login }) };
}

/** Makes the ports, brings chart and values into shape, and upgrades; leaves in state what post needs. */
export async function upgrade(run: Run, inputs: Inputs): Promise<UpgradeResult> {
  const { log, env, runner } = run;
  const folder = path.join(runner.tempDir, `slipway-helm-${randomUUID()}`);
  const access = await openClusterAccess(run, inputs);
  const save = (state: Pick<SavedState, 'helmPath' | 'operation'>): void => {
    const saved: SavedState = { access, folder, ...state };
    run.state.save('upgrade', saved, namesIn(saved));
  };
  save({ helmPath: '', operation: undefined });
  const exec = systemExec({ log, env });
  const { helmVersion: version, helmDownloadBaseUrl: downloadBaseUrl } = inputs;
  const tool = await helmOfRun(run, exec, { version, downloadBaseUrl });
  log.info(`Helm ${tool.version} (${tool.path})`);
  const owner = ownerOfRun(run);
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  const postRenderer = await postRendererOf(run, inputs.postRenderer, folder);
  const ports = await connect(run, access, tool, { owner, postRenderer });
  try {
    const namespace = inputs.namespace === '' ? ports.namespace : inputs.namespace;
    const { release, timeoutMs, maxRetries, hooks } = inputs;
    if (inputs.uninstall)
      return await removeRelease(ports, {
        release,
        namespace,
        timeoutMs,
        maxRetries,
        hooks,
        owner,
      });
    const maskSecret = (value: string): void => {
      if (value !== inputs.release && value !== namespace) run.maskSecret(value);
    };
    const valueFiles = await valuesOfInputs(run, inputs, { folder, maskSecret });
    const chart = await openChartOfInputs(run, { exec, tool }, inputs, folder);
    run.outputs.set('chart-version', chart.version);
    run.outputs.set('chart-digest', chart.digest);
    if (!inputs.dryRun) await ensureNamespace(ports.kube, namespace, inputs.createNamespace);
    const plan = planOf(inputs, { namespace, chart: chart.path, valueFiles, postRenderer });
    const { keepFailed, test } = inputs;
    run.outputs.set('source-commit', inputs.source?.commit ?? '');
    const carryOut = inputs.dryRun ? rehearseUpgrade : upgradeRelease;
    const result = await carryOut(ports, {
      plan,
      timeoutMs,
      maxRetries,
      failFast: inputs.failFast,
      source: sourceOf(run, exec, inputs),
      irreversible: inputs.irreversible,
      keepFailed,
      test,
      owner,
      maskSecret,
      onBegin: (operation) => save({ helmPath: tool.path, operation }),
    });
    save({ helmPath: tool.path, operation: undefined });
    return result;
  } catch (error) {
    // Another job goes on with the release: there is nothing left for post to finish.
    if (error instanceof UnfinishedUpgradeError && error.takenBy !== undefined)
      save({ helmPath: tool.path, operation: undefined });
    throw error;
  } finally {
    await ports.close();
  }
}
