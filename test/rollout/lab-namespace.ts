import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createKubeClient, loadKubeConfig, type KubeClient, type KubeTarget } from '@slipway/kube';
import { fakeLog } from '@slipway/testing';
import type { Lab } from '../lab/lab.ts';

const run = promisify(execFile);

/** A namespace of the lab for one group of tests, empty when it is opened. */
export interface LabNamespace {
  lab: Lab;
  namespace: string;
  kube: KubeClient;
  target: KubeTarget;
  kubeconfigText: string;
  /** Runs a program with the lab's kubeconfig in its environment, and gives its standard output. */
  call: (file: string, args: readonly string[]) => Promise<string>;
  /** Begins the removal of the namespace and waits for nothing. */
  close(): Promise<void>;
}

/** Makes the namespace; what an earlier run left under its name is removed first. */
export async function openLabNamespace(lab: Lab, namespace: string): Promise<LabNamespace> {
  const kubeconfigText = await readFile(lab.kubeconfig, 'utf8');
  const target = await loadKubeConfig({ path: lab.kubeconfig, env: {} });
  const kube = createKubeClient(target, { env: {}, log: fakeLog() });
  const env = { ...process.env, KUBECONFIG: lab.kubeconfig };
  const call = async (file: string, args: readonly string[]): Promise<string> =>
    (await run(file, [...args], { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  const remove = async (wait: boolean): Promise<void> => {
    const options = ['--ignore-not-found', `--wait=${wait}`];
    await call(lab.kubectl, ['delete', 'namespace', namespace, ...options]);
  };
  await remove(true);
  await call(lab.kubectl, ['create', 'namespace', namespace]);
  return {
    ...{ lab, namespace, kube, target, kubeconfigText, call },
    close: async () => {
      await kube.close();
      await remove(false);
    },
  };
}
