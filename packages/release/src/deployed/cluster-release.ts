/** The Helm release of a service, as a cluster has it; `overtaken` when a later revision failed or is under way. */
export type ClusterRelease =
  /** Deployed of a commit. */
  | { kind: 'commit'; commit: string; sinceMs: number; overtaken?: boolean }
  /** Deployed, and it does not say of what. */
  | { kind: 'unstamped'; overtaken?: boolean }
  /** No revision of it is deployed. */
  | { kind: 'absent'; release: string; namespace: string };
