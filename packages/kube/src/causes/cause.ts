/** Why something does not work, as far as Kubernetes itself can name it. */
export interface Cause {
  /** Kubernetes' own word where there is one: `ImagePullBackOff`, `OOMKilled`, `Unschedulable`, ... */
  reason: string;
  /** `pod/api-7d9f-x2x4z` or `replicaset/api-7d9f`. */
  object: string;
  container?: string;
  /** One sentence with the detail that matters. Text of others: escape it where it is shown. */
  message: string;
  /** The last lines that the container printed. */
  logTail?: string;
  /**
   * Whether waiting may help: `never` (the release must change), `unlikely` (it kept happening, or
   * somebody must act outside), `maybe` (also seen on the way to a good rollout).
   */
  recovery: 'never' | 'unlikely' | 'possible';
}

/** A cause in one line: `pod/api-x, container api: OOMKilled: used more than its limit of 64Mi.` */
export function causeText(cause: Cause): string {
  const where = cause.container === undefined ? '' : `, container ${cause.container}`;
  return `${cause.object}${where}: ${cause.reason}: ${cause.message}`;
}

const weight = { never: 0, unlikely: 1, possible: 2 } as const;

/** The causes, those that waiting will not mend first; otherwise in their order. */
export function sortCauses(causes: readonly Cause[]): Cause[] {
  return [...causes].sort((a, b) => weight[a.recovery] - weight[b.recovery]);
}
