import * as fs from 'node:fs/promises';
import path from 'node:path';
import { systemExec } from '@slipway/exec';
import { createHelmRunner, probeHelm, type HelmTool, type ReleasePorts } from '@slipway/helm';
import {
  createKubeClient,
  loadKubeConfig,
  maskKubeconfig,
  writeKubeconfigFile,
} from '@slipway/kube';
import { InputError, type Run } from '@slipway/runtime';

/** How to reach the cluster from a child process or a later step; names files, holds no secret. */
export interface ClusterAccess {
  /** Absolute path; undefined for Helm's own search order. */
  kubeconfigPath: string | undefined;
  /** Whether the file is ours to remove. */
  written: boolean;
  context: string;
}

/**
 * Makes the kubeconfig of the input usable: content is written to a file of mode 0600, a path is
 * checked. Its secrets are masked. Throws InputError when a path names no file.
 */
export async function openClusterAccess(
  run: Run,
  inputs: { kubeconfig: string; kubeContext: string },
): Promise<ClusterAccess> {
  const { kubeconfig, kubeContext: context } = inputs;
  if (kubeconfig === '') return { kubeconfigPath: undefined, written: false, context };
  const looksLikePath = !kubeconfig.includes('\n') && kubeconfig.length < 400;
  if (looksLikePath) {
    const file = path.resolve(run.runner.workspace, kubeconfig);
    const text = await fs.readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) {
      maskKubeconfig(text, run.maskSecret);
      return { kubeconfigPath: file, written: false, context };
    }
    if (/^[~./\\]|^[A-Za-z]:\\|\.ya?ml$/.test(kubeconfig))
      throw new InputError(`kubeconfig: the file ${file} cannot be read.`, {
        next: 'Give the path of a kubeconfig or its content (from a secret).',
      });
  }
  run.maskSecret(kubeconfig);
  const file = await writeKubeconfigFile(run.runner.tempDir, kubeconfig, run.maskSecret);
  return { kubeconfigPath: file, written: true, context };
}

/** The ports for work on one cluster with one Helm. Close `kube` when done. */
export async function connect(
  run: Run,
  access: ClusterAccess,
  tool: HelmTool,
  owner: string,
): Promise<ReleasePorts & { namespace: string; close: () => Promise<void> }> {
  const { env, log, clock, signal, maskSecret } = run;
  const exec = systemExec({ log, env });
  const target = await loadKubeConfig({
    env,
    ...(access.kubeconfigPath === undefined ? {} : { path: access.kubeconfigPath }),
    ...(access.context === '' ? {} : { context: access.context }),
  });
  const kube = createKubeClient(target, { env, log, exec, clock, signal, maskSecret });
  const helm = createHelmRunner(exec, tool, {
    kubeconfig: access.kubeconfigPath,
    context: access.context,
    owner,
  });
  return {
    helm,
    kube,
    clock,
    log,
    signal,
    namespace: target.namespace,
    close: () => kube.close(),
  };
}

/** The same Helm as main used, in the post step. */
export async function reopenHelm(run: Run, file: string): Promise<HelmTool> {
  return await probeHelm(systemExec({ log: run.log, env: run.env }), file);
}
