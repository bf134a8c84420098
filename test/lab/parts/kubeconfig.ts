import { readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A kubeconfig whose certificates are inside it, so that it works as a secret too. `user` names the
 * certificate in `certificates`.
 */
export async function renderKubeconfig(options: {
  certificates: string;
  user: string;
  server: string;
  cluster: string;
}): Promise<string> {
  const encoded = async (name: string): Promise<string> =>
    (await readFile(path.join(options.certificates, name))).toString('base64');
  return `apiVersion: v1
kind: Config
clusters:
  - name: ${options.cluster}
    cluster:
      server: ${options.server}
      certificate-authority-data: ${await encoded('ca.crt')}
users:
  - name: ${options.user}
    user:
      client-certificate-data: ${await encoded(`${options.user}.crt`)}
      client-key-data: ${await encoded(`${options.user}.key`)}
contexts:
  - name: ${options.cluster}
    context:
      cluster: ${options.cluster}
      user: ${options.user}
      namespace: default
current-context: ${options.cluster}
`;
}
