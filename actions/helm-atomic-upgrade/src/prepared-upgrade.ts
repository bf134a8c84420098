import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { systemExec } from '@slipway/exec';
import {
  buildDependencies,
  createHelmRunner,
  ensureNamespace,
  helmOfRun,
  ownerOfRun,
  UnfinishedUpgradeError,
  upgradeRelease,
  writeValueLayers,
  type UpgradePlan,
  type UpgradeResult,
} from '@slipway/helm';
import { isLoopback } from '@slipway/http';
import type { Run } from '@slipway/runtime';
import { connect, openClusterAccess } from './cluster-access.ts';
import type { Inputs } from './inputs.ts';
import { namesIn, type SavedState } from './saved-state.ts';

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
  const ports = await connect(run, access, tool, owner);
  try {
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    const { values: inline, valueFiles: files, set } = inputs;
    const namespace = inputs.namespace === '' ? ports.namespace : inputs.namespace;
    const maskSecret = (value: string): void => {
      if (value !== inputs.release && value !== namespace) run.maskSecret(value);
    };
    const valueFiles = await writeValueLayers({ files, inline, set }, folder, maskSecret);
    if (!inputs.chart.startsWith('oci://') && !inputs.chart.endsWith('.tgz')) {
      const fetched = await buildDependencies(createHelmRunner(exec, tool), inputs.chart, folder);
      if (fetched.length > 0) log.info(`Fetched ${fetched.join(', ')} as Chart.lock says`);
    }
    await ensureNamespace(ports.kube, namespace, inputs.createNamespace);
    const plan: UpgradePlan = {
      release: inputs.release,
      namespace,
      chart: inputs.chart,
      chartVersion: inputs.chartVersion,
      valueFiles,
      waitForJobs: inputs.waitForJobs,
      historyMax: inputs.historyMax,
      plainHttp: inputs.chart.startsWith('oci://') && isLoopback(inputs.chart),
      forceConflicts: inputs.forceConflicts,
      crds: inputs.crds,
    };
    const { timeoutMs, maxRetries, failFast } = inputs;
    const result = await upgradeRelease(ports, {
      plan,
      timeoutMs,
      maxRetries,
      failFast,
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
