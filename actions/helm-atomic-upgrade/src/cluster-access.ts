import { systemExec } from '@slipway/exec';
import {
  createHelmRunner,
  type HelmRunner,
  probeHelm,
  storageDriver,
  type HelmTool,
  type PreparedPostRenderer,
  type ReleasePorts,
  type StorageDriver,
} from '@slipway/helm';
import {
  createKubeClient,
  kubeconfigSource,
  loadKubeConfig,
  maskKubeconfigSource,
  writeKubeconfigFile,
} from '@slipway/kube';
import type { Run } from '@slipway/runtime';

/** How to reach the cluster from a child process or a later step; names files, holds no secret. */
export interface ClusterAccess {
  /** Absolute path; undefined for Helm's own search order. */
  kubeconfigPath: string | undefined;
  /** Whether the file is ours to remove. */
  written: boolean;
  context: string;
  /** Where Helm keeps its history. */
  driver: StorageDriver;
}

/**
 * Makes the kubeconfig of the input usable: content is written to a file of mode 0600, a path is
 * checked. Its secrets are masked. Throws InputError when a path names no file, and for a HELM_DRIVER
 * that cannot be used.
 */
export async function openClusterAccess(
  run: Run,
  inputs: { kubeconfig: string; kubeContext: string },
): Promise<ClusterAccess> {
  const { kubeContext: context } = inputs;
  const driver = storageDriver(run.env);
  const source = await kubeconfigSource(inputs.kubeconfig, run.runner.workspace);
  await maskKubeconfigSource(source, run.maskSecret);
  switch (source.kind) {
    case 'none':
      return { kubeconfigPath: undefined, written: false, context, driver };
    case 'file':
      return { kubeconfigPath: source.path, written: false, context, driver };
    case 'text': {
      const file = await writeKubeconfigFile(run.runner.tempDir, source.text, run.maskSecret);
      return { kubeconfigPath: file, written: true, context, driver };
    }
  }
}

/** The ports for work on one cluster; its Helm comes when it is found. */
export interface Connected extends Omit<ReleasePorts, 'helm'> {
  helm: Promise<HelmRunner>;
  namespace: string;
  close: () => Promise<void>;
}

/** The ports for work on one cluster with one Helm. Close them when done. */
export async function connect(
  run: Run,
  access: ClusterAccess,
  tool: HelmTool | Promise<HelmTool>,
  mark: { owner: string; postRenderer?: PreparedPostRenderer | undefined },
): Promise<Connected> {
  const { env, log, clock, signal, maskSecret } = run;
  const exec = systemExec({ log, env });
  const target = await loadKubeConfig({
    env,
    ...(access.kubeconfigPath === undefined ? {} : { path: access.kubeconfigPath }),
    ...(access.context === '' ? {} : { context: access.context }),
  });
  const kube = createKubeClient(target, { env, log, exec, clock, signal, maskSecret });
  const ofHelm = {
    kubeconfig: access.kubeconfigPath,
    // Helm would not take a kubeconfig's only context when the file names no current one.
    context: target.context,
    driver: access.driver,
    owner: mark.owner,
    postRenderer: mark.postRenderer,
  };
  const helm = Promise.resolve(tool).then((found) => createHelmRunner(exec, found, ofHelm));
  // Whoever uses it hears of a failure.
  helm.catch(() => undefined);
  return {
    helm,
    kube,
    clock,
    log,
    signal,
    redact: (text) => run.redact(text, []),
    namespace: target.namespace,
    close: () => kube.close(),
  };
}

/** The same Helm as main used, in the post step. */
export async function reopenHelm(run: Run, file: string): Promise<HelmTool> {
  return await probeHelm(systemExec({ log: run.log, env: run.env }), file);
}
