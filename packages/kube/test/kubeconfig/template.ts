/** The cluster of most cases: HTTPS, verified with the authority of the test. */
export const verified = "{ server: '{{secure}}', certificate-authority-data: '{{ca}}' }";

/** A kubeconfig of one context `here`; each part is the YAML of what it stands for. */
export function kubeconfig(
  parts: { cluster?: string; user?: string; context?: string } = {},
): string {
  return `apiVersion: v1
kind: Config
current-context: here
clusters:
- name: c
  cluster: ${parts.cluster ?? verified}
users:
- name: u
  user: ${parts.user ?? '{ token: t0ken }'}
contexts:
- name: here
  context: ${parts.context ?? '{ cluster: c, user: u }'}
`;
}
