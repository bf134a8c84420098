import type { Cause, KubeEvent, Pod } from '@slipway/kube';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

const pull = /^(ErrImagePull|ImagePullBackOff|ImageInspectError|RegistryUnavailable)$/;
const crash =
  /^(CrashLoopBackOff|OOMKilled|Error|Completed|LivenessProbeFailed|ContainerCannotRun|StartError|ContainerStatusUnknown)$/;
const create =
  /^(CreateContainerError|RunContainerError|PreCreateHookError|PreStartHookError|PostStartHookError|SignatureValidationFailed)$/;

/**
 * How long a cause may last before the rollout counts as broken, in milliseconds. They tell slow from
 * broken: what a registry denies for good fails at the kubelet's first back-off, what may mend itself
 * gets time, what only looks bad (not ready yet) gets the whole `timeout`.
 */
export const patience = {
  /**
   * `not found`, `denied`: an answer, not an outage. Terminal once the kubelet backs off, which takes it
   * 10 to 15 s, or after this time.
   */
  imageDenied: 10_000,
  /** The registry does not answer, or says 429 or 5xx: about three attempts of the kubelet. */
  imageUnreachable: 60_000,
  /** One pod crashes while another pod of the same revision is ready: may be its node. */
  crashBesideReady: 60_000,
  /** A ConfigMap or Secret that is missing may be made by an operator a moment later. */
  missingConfig: 20_000,
  createError: 15_000,
  /** Nodes are added by autoscalers; with a sign of one at work the whole `timeout` is given. */
  unschedulable: 45_000,
  /** Old pods that end free quota. */
  quota: 15_000,
  forbidden: 10_000,
  missingVolume: 30_000,
} as const;

/** What may be known about the surroundings of a cause. */
export interface Surroundings {
  pod: Pod | undefined;
  /** Of the pod, newest first. */
  events: readonly KubeEvent[];
  /** Pods of the same revision that are ready. */
  readyPods: number;
  /** Pods of earlier revisions that are still ending: they hold capacity and quota. */
  endingPods: number;
  /** Whether all pods of this revision have served before: what a later one lacks is no fault of it. */
  hasServed: boolean;
}

/** What the cluster has to give, and not the release: a node, quota, a volume, an answer of the registry. */
function isSurroundings(cause: Cause): boolean {
  return pull.test(cause.reason)
    ? cause.recovery !== 'never'
    : /^(Unschedulable|QuotaExceeded|FailedCreate|Failed(Mount|AttachVolume|MapVolume))$/.test(
        cause.reason,
      );
}

/** Causes of one kind count as one, so that ErrImagePull and ImagePullBackOff share their patience. */
export function causeKind(cause: Cause): string {
  if (pull.test(cause.reason)) return 'pull';
  if (crash.test(cause.reason)) return 'crash';
  return cause.reason;
}

function containerOf(pod: Pod | undefined, name: string | undefined): ContainerStatus | undefined {
  return [
    ...(pod?.status?.initContainerStatuses ?? []),
    ...(pod?.status?.containerStatuses ?? []),
  ].find((status) => status.name === name);
}

function crashPatience(cause: Cause, around: Surroundings): number | undefined {
  const status = containerOf(around.pod, cause.container);
  const ends = (status?.restartCount ?? 0) + (status?.state?.terminated === undefined ? 0 : 1);
  const backsOff = status?.state?.waiting?.reason === 'CrashLoopBackOff';
  const once = around.pod?.spec?.restartPolicy !== 'Always';
  if (once) return undefined;
  // A container that ended once and came back is no failure; a slow starter killed by its liveness
  // probe gets one more try.
  const needed = cause.reason === 'LivenessProbeFailed' ? 2 : 1;
  if (!backsOff || status.restartCount < needed)
    return ends >= 3 && status?.state?.running === undefined
      ? patience.crashBesideReady
      : undefined;
  return around.readyPods > 0 ? patience.crashBesideReady : 0;
}

/**
 * How long `cause` may last from when it was first seen; undefined for as long as the timeout allows.
 */
export function patienceWith(cause: Cause, around: Surroundings): number | undefined {
  const { reason } = cause;
  if (around.hasServed && isSurroundings(cause)) return undefined;
  if (reason === 'InvalidImageName' || reason === 'ErrImageNeverPull') return 0;
  if (pull.test(reason)) {
    if (cause.recovery !== 'never') return patience.imageUnreachable;
    return reason === 'ImagePullBackOff' ? 0 : patience.imageDenied;
  }
  if (crash.test(reason)) return crashPatience(cause, around);
  if (reason === 'CreateContainerConfigError') return patience.missingConfig;
  if (create.test(reason)) return patience.createError;
  if (reason === 'Unschedulable') {
    const scaling = around.events.some((event) =>
      /^(TriggeredScaleUp|Nominated|NominatedNode)$/.test(event.reason),
    );
    return scaling || around.endingPods > 0 ? undefined : patience.unschedulable;
  }
  if (reason === 'QuotaExceeded') return around.endingPods > 0 ? undefined : patience.quota;
  if (reason === 'FailedCreate')
    return cause.recovery === 'unlikely' && !/failed calling webhook/i.test(cause.message)
      ? patience.forbidden
      : undefined;
  if (/^Failed(Mount|AttachVolume|MapVolume)$/.test(reason))
    return cause.recovery === 'unlikely' ? patience.missingVolume : undefined;
  return undefined;
}
