/** The Helm release of a service, as a cluster has it. */
export type ClusterRelease =
  /** Deployed of a commit. */
  | { kind: 'commit'; commit: string; sinceMs: number }
  /** Deployed, and it does not say of what. */
  | { kind: 'unstamped' }
  /** No revision of it is deployed. */
  | { kind: 'absent'; release: string; namespace: string };
