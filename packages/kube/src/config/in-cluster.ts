import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Env, KubeTarget } from './kube-target.ts';

/** Where the kubelet puts a pod's own credentials. */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

function isNamed(name: string | undefined): name is string {
  return name !== undefined && name !== '';
}

/** The API server of the cluster whose pod this process runs in; undefined outside a pod. */
export async function inClusterTarget(
  env: Env,
  folder = serviceAccountFolder,
): Promise<KubeTarget | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined || host === '') return undefined;
  const read = (name: string): Promise<string | undefined> =>
    fs.readFile(path.join(folder, name), 'utf8').catch(() => undefined);
  const [token, ca, namespace] = await Promise.all(['token', 'ca.crt', 'namespace'].map(read));
  if (token === undefined) return undefined;
  return {
    source: 'the pod this runs in',
    context: '',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: [env['POD_NAMESPACE'], namespace?.trim()].find(isNamed) ?? 'default',
    tls: ca === undefined ? {} : { ca },
    proxyUrl: undefined,
    auth: { kind: 'token-file', path: path.join(folder, 'token') },
    impersonate: [],
  };
}
