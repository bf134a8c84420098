import { systemExec } from '@slipway/exec';
import {
  createKubeClient,
  kubeconfigSource,
  loadKubeConfig,
  maskKubeconfigSource,
  type KubeClient,
  type KubeconfigSource,
  type KubeTarget,
} from '@slipway/kube';
import type { Run } from '@slipway/runtime';

/** The cluster that the inputs name. Close `client` when done. */
export interface Cluster {
  source: KubeconfigSource;
  target: KubeTarget;
  client: KubeClient;
}

/** Finds the cluster and masks its secrets. Throws InputError. */
export async function openCluster(
  run: Run,
  inputs: { kubeconfig: string; kubeContext: string },
): Promise<Cluster> {
  const { env, log, clock, signal, maskSecret } = run;
  const source = await kubeconfigSource(inputs.kubeconfig, run.runner.workspace);
  await maskKubeconfigSource(source, maskSecret);
  const target = await loadKubeConfig({
    env,
    ...(source.kind === 'text' ? { text: source.text } : {}),
    ...(source.kind === 'file' ? { path: source.path } : {}),
    ...(inputs.kubeContext === '' ? {} : { context: inputs.kubeContext }),
  });
  if (target.auth.kind === 'token') maskSecret(target.auth.token);
  if (target.auth.kind === 'basic') maskSecret(target.auth.password);
  const exec = systemExec({ log, env });
  const client = createKubeClient(target, { env, log, exec, clock, signal, maskSecret });
  return { source, target, client };
}
