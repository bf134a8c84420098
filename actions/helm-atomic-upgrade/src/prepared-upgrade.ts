import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { systemExec, type Exec } from '@slipway/exec';
import {
  ensureNamespace,
  gitHistory,
  helmOfRun,
  type HelmTool,
  type Operation,
  ownerOfRun,
  type PreparedPostRenderer,
  readRenderInputs,
  rehearseUpgrade,
  removeRelease,
  scratchFolder,
  UnfinishedUpgradeError,
  upgradeRelease,
  writeValueLayers,
  type Source,
  type UpgradePlan,
  type UpgradeResult,
} from '@slipway/helm';
import { createHttpClient } from '@slipway/http';
import type { MaskSecret, Run } from '@slipway/runtime';
import { connect, openClusterAccess, type Connected } from './cluster-access.ts';
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

/** Looks for the Helm of the inputs, and says which one it is. */
async function findHelm(run: Run, exec: Exec, inputs: Inputs): Promise<HelmTool> {
  const { helmVersion: version, helmDownloadBaseUrl: downloadBaseUrl } = inputs;
  const tool = await helmOfRun(run, exec, { version, downloadBaseUrl });
  run.log.info(`Helm ${tool.version} (${tool.path})`);
  return tool;
}

/**
 * Whether Helm's environment says nothing of the cluster beside the kubeconfig (HELM_KUBETOKEN,
 * HELM_KUBEAPISERVER and the like): only then does it reach it through this process as it would by itself.
 */
function mayHold({ env }: Run): boolean {
  return !Object.keys(env).some(
    (name) => /^HELM_KUBE(?!CONTEXT$)/.test(name) && env[name] !== undefined && env[name] !== '',
  );
}

/** What an upgrade works with. Its Helm is looked for beside all that does not wait for it. */
interface Works {
  exec: Exec;
  folder: string;
  owner: string;
  ports: Connected;
  postRenderer: PreparedPostRenderer | undefined;
  save: (operation: Operation | undefined) => void;
  tool: Promise<HelmTool>;
}

async function bringUpgrade(run: Run, inputs: Inputs, works: Works): Promise<UpgradeResult> {
  const { exec, folder, owner, ports, postRenderer, save, tool } = works;
  const namespace = inputs.namespace === '' ? ports.namespace : inputs.namespace;
  const { release, timeoutMs, maxRetries, hooks, keepFailed, test } = inputs;
  if (inputs.uninstall) {
    const helm = await ports.helm;
    const removal = { release, namespace, timeoutMs, maxRetries, hooks, owner };
    return await removeRelease({ ...ports, helm }, removal);
  }
  const maskSecret = (value: string): void => {
    if (value !== release && value !== namespace) run.maskSecret(value);
  };
  const valueFiles = await valuesOfInputs(run, inputs, { folder, maskSecret });
  const chart = await openChartOfInputs(run, { exec, tool }, inputs, folder);
  run.outputs.set('chart-version', chart.version);
  run.outputs.set('chart-digest', chart.digest);
  run.outputs.set('source-commit', inputs.source?.commit ?? '');
  const plan = planOf(inputs, { namespace, chart: chart.path, valueFiles, postRenderer });
  const request = {
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
    readInputs: readRenderInputs,
    scratch: mayHold(run) ? scratchFolder(folder) : undefined,
    onBegin: save,
  };
  if (inputs.dryRun) return await rehearseUpgrade({ ...ports, helm: await ports.helm }, request);
  // A namespace stays: it is not made for an upgrade that no Helm could do.
  if (inputs.createNamespace.create) await tool;
  await ensureNamespace(ports.kube, namespace, inputs.createNamespace);
  return await upgradeRelease(ports, request);
}

/** Makes the ports, brings chart and values into shape, and upgrades; leaves in state what post needs. */
export async function upgrade(run: Run, inputs: Inputs): Promise<UpgradeResult> {
  const { log, env, runner } = run;
  const folder = path.join(runner.tempDir, `slipway-helm-${randomUUID()}`);
  const access = await openClusterAccess(run, inputs);
  let helmPath = '';
  const save = (operation: Operation | undefined): void => {
    const saved: SavedState = { access, folder, helmPath, operation };
    run.state.save('upgrade', saved, namesIn(saved));
  };
  save(undefined);
  const exec = systemExec({ log, env });
  const tool = findHelm(run, exec, inputs).then((found) => {
    helmPath = found.path;
    return found;
  });
  // Whoever uses it hears of a failure.
  tool.catch(() => undefined);
  const owner = ownerOfRun(run);
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  const postRenderer = await postRendererOf(run, inputs.postRenderer, folder);
  const ports = await connect(run, access, tool, { owner, postRenderer });
  try {
    const works = { exec, folder, owner, ports, postRenderer, save, tool };
    const result = await bringUpgrade(run, inputs, works);
    save(undefined);
    return result;
  } catch (error) {
    // Another job goes on with the release: there is nothing left for post to finish.
    if (error instanceof UnfinishedUpgradeError && error.takenBy !== undefined) save(undefined);
    throw error;
  } finally {
    await ports.close();
  }
}
