/** What the lab must know of a machine before it changes anything on it. */
export interface MachineFacts {
  platform: NodeJS.Platform;
  arch: string;
  /** Effective user id; undefined where there is no such thing. */
  uid: number | undefined;
}

const ownCluster =
  'Or use a cluster of your own, which needs neither: npm run demo -- --kubeconfig FILE.';

/** Why this machine cannot run a node of its own, in one sentence with the way out; undefined when it can. */
export function machineProblem(facts: MachineFacts): string | undefined {
  if (facts.platform !== 'linux')
    return `The lab runs a Kubernetes node of its own, which needs Linux, and this is ${facts.platform}. ${ownCluster}`;
  if (facts.arch !== 'x64' && facts.arch !== 'arm64')
    return `The lab's programs exist for x64 and arm64, and this is ${facts.arch}. ${ownCluster}`;
  if (facts.uid !== 0)
    return `The lab makes network namespaces, mounts and control groups, which only root may: run the same command with sudo -E. ${ownCluster}`;
  return undefined;
}
