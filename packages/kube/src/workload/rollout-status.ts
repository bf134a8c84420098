import { count } from '@slipway/runtime';
import type { DaemonSet, Deployment, Job, StatefulSet } from '../client/index.ts';

/** How far a rollout has come, by the rules of `kubectl rollout status`. */
export interface RolloutStatus {
  done: boolean;
  /** It will not get further by itself: the controller gave up. */
  failed: boolean;
  /** `1 of 2 updated pods are available`. */
  message: string;
}

const waiting = (message: string): RolloutStatus => ({ done: false, failed: false, message });
const done = (message: string): RolloutStatus => ({ done: true, failed: false, message });
const failed = (message: string): RolloutStatus => ({ done: false, failed: true, message });

/** Whether its controller has not seen the last change yet, so that its status is about the one before. */
export function unseen(object: Deployment | StatefulSet | DaemonSet): boolean {
  return (object.metadata?.generation ?? 0) > (object.status?.observedGeneration ?? 0);
}

const notSeen = waiting('the controller has not seen the change yet');

/** A deployment is rolled out when all its pods are new and available and no old one is left. */
export function deploymentRollout(deployment: Deployment): RolloutStatus {
  if (unseen(deployment)) return notSeen;
  const wanted = deployment.spec?.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  const progress = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded')
    return failed(progress.message ?? 'the progress deadline was exceeded');
  if (deployment.spec?.paused === true && updatedReplicas < wanted)
    return waiting('the deployment is paused');
  if (updatedReplicas < wanted)
    return waiting(`${updatedReplicas} of ${wanted} pods have been updated`);
  if (replicas > updatedReplicas)
    return waiting(`${replicas - updatedReplicas} old pods are still there`);
  if (availableReplicas < updatedReplicas)
    return waiting(`${availableReplicas} of ${updatedReplicas} updated pods are available`);
  return done(`${updatedReplicas} of ${wanted} pods are updated and available`);
}

/** A stateful set is rolled out when all pods above its partition are new and all are ready. */
export function statefulSetRollout(set: StatefulSet): RolloutStatus {
  if (unseen(set)) return notSeen;
  const wanted = set.spec?.replicas ?? 1;
  const {
    readyReplicas = 0,
    updatedReplicas = 0,
    currentRevision,
    updateRevision,
  } = set.status ?? {};
  if (set.spec?.updateStrategy?.type === 'OnDelete')
    return waiting('its update strategy is OnDelete, so pods are replaced only when deleted');
  if (readyReplicas < wanted) return waiting(`${readyReplicas} of ${wanted} pods are ready`);
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    const due = Math.max(wanted - partition, 0);
    return updatedReplicas < due
      ? waiting(`${updatedReplicas} of ${due} pods above the partition have been updated`)
      : done(`${count(updatedReplicas, 'pod')} above the partition ${partition} updated and ready`);
  }
  if (updateRevision !== currentRevision)
    return waiting(`${updatedReplicas} of ${wanted} pods have been updated`);
  return done(`${count(wanted, 'pod')} updated and ready`);
}

/** A daemon set is rolled out when every node that should run it has a new, available pod. */
export function daemonSetRollout(set: DaemonSet): RolloutStatus {
  if (unseen(set)) return notSeen;
  if (set.spec?.updateStrategy?.type === 'OnDelete')
    return waiting('its update strategy is OnDelete, so pods are replaced only when deleted');
  const wanted = set.status?.desiredNumberScheduled ?? 0;
  const { updatedNumberScheduled = 0, numberAvailable = 0 } = set.status ?? {};
  if (updatedNumberScheduled < wanted)
    return waiting(`${updatedNumberScheduled} of ${wanted} pods have been updated`);
  if (numberAvailable < wanted)
    return waiting(`${numberAvailable} of ${wanted} pods are available`);
  return done(`${wanted} of ${wanted} pods are updated and available`);
}

/**
 * A job is done when it has completed; kubectl has no rule of its own for it. `FailureTarget` says that it
 * fails, before its last pods have ended (Kubernetes 1.31 and later).
 */
export function jobRollout(job: Job): RolloutStatus {
  const conditions = job.status?.conditions ?? [];
  const has = (wanted: string) =>
    conditions.find(({ type, status }) => type === wanted && status === 'True');
  const { succeeded = 0, failed: failures = 0, active = 0 } = job.status ?? {};
  if (has('Complete') !== undefined) return done(`completed, ${count(succeeded, 'pod')} succeeded`);
  const failure = has('Failed') ?? has('FailureTarget');
  if (failure !== undefined) return failed(failure.message ?? failure.reason ?? 'the job failed');
  const wanted = job.spec?.completions ?? 1;
  return waiting(
    `${succeeded} of ${wanted} pods succeeded, ${failures} failed, ${active} are at work`,
  );
}
