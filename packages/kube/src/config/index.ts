export { type ExecCredential, runExecPlugin } from './exec-credential.ts';
export type { Env, ExecPlugin, KubeAuth, KubeTarget } from './kube-target.ts';
export { removeKubeconfigFile, writeKubeconfigFile } from './kubeconfig-file.ts';
export {
  kubeconfigSource,
  type KubeconfigSource,
  maskKubeconfigSource,
} from './kubeconfig-source.ts';
export { loadKubeConfig } from './load-kube-config.ts';
