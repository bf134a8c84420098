/** One kubeconfig, or several. */
export interface KubeconfigCase {
  name: string;
  /** By their path in the case's folder; `{{names}}` are filled in by the world. */
  files: Readonly<Record<string, string>>;
  /** The entries of $KUBECONFIG, `config` by default; none means that only HOME is set. */
  paths?: readonly string[];
  context?: string;
}
