import type { KubeClient } from '@slipway/kube';
import type { Clock, Log } from '@slipway/runtime';
import type { HelmRunner } from '../tool/index.ts';

/** What working on a release needs of the world. */
export interface ReleasePorts {
  helm: HelmRunner;
  kube: KubeClient;
  clock: Clock;
  log: Log;
  /** A text without the secrets of the job, for what is written into the cluster. */
  redact: (text: string) => string;
  signal: AbortSignal;
}
