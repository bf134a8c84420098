import type { LabNamespace } from './lab-namespace.ts';

/** Makes the service account `verifier`, which may do what `rules` (RBAC) allow in the namespace, and its kubeconfig. */
export async function restrictedKubeconfig(
  { lab, namespace, target, call }: LabNamespace,
  apply: (object: object) => Promise<void>,
  rules: readonly object[],
): Promise<string> {
  const metadata = { name: 'verifier', namespace };
  const group = 'rbac.authorization.k8s.io';
  await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  await apply({ apiVersion: `${group}/v1`, kind: 'Role', metadata, rules });
  await apply({
    apiVersion: `${group}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: group, kind: 'Role', name: 'verifier' },
    subjects: [{ kind: 'ServiceAccount', name: 'verifier', namespace }],
  });
  const printed = await call(lab.kubectl, ['create', 'token', 'verifier', '-n', namespace]);
  const cluster = {
    server: target.server,
    'certificate-authority-data': Buffer.from(target.tls.ca ?? '').toString('base64'),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [{ name: 'lab', cluster }],
    users: [{ name: 'verifier', user: { token: printed.trim() } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'verifier', namespace } }],
  });
}
