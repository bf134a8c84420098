import type { Cause, CrashHint, KubeEvent, Pod } from '@slipway/kube';
import { crashPatience, type Ends } from './crash.ts';
import { figureFor, patience, type Figures } from './patience-table.ts';
import type { Temper } from './temper.ts';

const pull = /^(ErrImagePull|ImagePullBackOff|ImageInspectError|RegistryUnavailable)$/;
const crash =
  /^(CrashLoopBackOff|OOMKilled|Error|Completed|LivenessProbeFailed|ContainerCannotRun|StartError|ContainerStatusUnknown|PostStartHookError)$/;
const create =
  /^(CreateContainerError|RunContainerError|PreCreateHookError|PreStartHookError|SignatureValidationFailed)$/;

/** Who makes what a pod lacks. */
export interface MissingPart {
  keyOnly: boolean;
  kind: 'Secret' | 'ConfigMap';
  /** An object says that it will be made. */
  isMade: boolean;
  /** Kinds that may make it cannot be read. */
  isUnread: boolean;
}

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
  /** How often the container that crashes has ended. */
  ends: Ends;
  /** What it printed last says. */
  hint: CrashHint | undefined;
  /** What the cause says is missing. */
  missing: MissingPart | undefined;
  temper: Temper;
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

function missingFigures({ kind, keyOnly, isMade, isUnread }: MissingPart): Figures {
  if (isMade) return patience.missingMade;
  if (isUnread) return patience.missingUnread;
  return kind === 'Secret' && !keyOnly ? patience.missingSecret : patience.missingConfig;
}

const willScale = /^(TriggeredScaleUp|Nominated|NominatedNode)$/;

/** What an autoscaler has said last of a pod that fits no node (cluster-autoscaler, Karpenter), else the scheduler. */
function unschedulableFigures({ pod, events, endingPods }: Surroundings): Figures | undefined {
  if (endingPods > 0 || (pod?.status?.nominatedNodeName ?? '') !== '') return undefined;
  const said = events.find(
    ({ reason }) => willScale.test(reason) || reason === 'NotTriggerScaleUp',
  );
  if (said === undefined) return patience.unschedulable;
  return willScale.test(said.reason) ? undefined : patience.notScaled;
}

function pullFigures(cause: Cause, { missing }: Surroundings): Figures | 'now' {
  if (cause.recovery !== 'never') return patience.imageUnreachable;
  if (missing !== undefined) return missingFigures(missing);
  return cause.reason === 'ImagePullBackOff' ? 'now' : patience.imageDenied;
}

/** The figures for a cause that is no crash; undefined for as long as the timeout allows, `now` for none. */
function figuresOf(cause: Cause, around: Surroundings): Figures | 'now' | undefined {
  const { reason } = cause;
  if (reason === 'InvalidImageName' || reason === 'ErrImageNeverPull') return 'now';
  if (pull.test(reason)) return pullFigures(cause, around);
  if (around.missing !== undefined) return missingFigures(around.missing);
  if (reason === 'CreateContainerConfigError') return patience.missingConfig;
  if (create.test(reason)) return patience.createError;
  if (reason === 'Unschedulable') return unschedulableFigures(around);
  if (reason === 'QuotaExceeded') return around.endingPods > 0 ? undefined : patience.quota;
  if (reason === 'FailedCreate')
    return cause.recovery === 'unlikely' && !/failed calling webhook/i.test(cause.message)
      ? patience.forbidden
      : undefined;
  if (/^Failed(Mount|AttachVolume|MapVolume)$/.test(reason))
    return cause.recovery === 'unlikely' ? patience.missingVolume : undefined;
  return undefined;
}

/**
 * How long `cause` may last from when it was first seen; undefined for as long as the timeout allows.
 */
export function patienceWith(cause: Cause, around: Surroundings): number | undefined {
  const { temper } = around;
  if (temper.failFast === 'off') return undefined;
  if (around.hasServed && isSurroundings(cause)) return undefined;
  if (crash.test(cause.reason)) return crashPatience(cause, around);
  const figures = figuresOf(cause, around);
  if (figures === 'now') return 0;
  return figures === undefined ? undefined : figureFor(figures, temper);
}
