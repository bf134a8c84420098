import type { Cause, CrashHint, Pod } from '@slipway/kube';
import { crashEnds, crashSpan, figureFor, patience } from './patience-table.ts';
import type { Temper } from './temper.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** How often a container has ended. */
export interface Ends {
  count: number;
  /** Milliseconds from the start of its pod to its last end, by the cluster's clock; undefined when it does not say. */
  spanMs: number | undefined;
  /** It is not at rest: it runs again, or its end is so young that the kubelet has not said what comes. */
  underWay: boolean;
}

/** The status of a container of a pod, an init container or not. */
export function statusOf(
  pod: Pod | undefined,
  name: string | undefined,
): ContainerStatus | undefined {
  return [
    ...(pod?.status?.initContainerStatuses ?? []),
    ...(pod?.status?.containerStatuses ?? []),
  ].find((status) => status.name === name);
}

/** How often a container of a pod has ended so far, whoever looked when. */
export function endsOf(pod: Pod | undefined, container: string | undefined): Ends {
  const status = statusOf(pod, container);
  if (status === undefined) return { count: 0, spanMs: undefined, underWay: false };
  const { state, lastState, restartCount } = status;
  const running = state?.running !== undefined;
  const ended = state?.terminated ?? lastState?.terminated;
  const began = Date.parse(pod?.status?.startTime ?? '');
  const spanMs = Date.parse(ended?.finishedAt ?? '') - began;
  return {
    // What waits for its first start has not ended yet.
    count: restartCount + (running || ended === undefined ? 0 : 1),
    spanMs: Number.isNaN(spanMs) ? undefined : spanMs,
    underWay: state?.waiting === undefined,
  };
}

function rowOf(
  { reason }: Cause,
  hint: CrashHint | undefined,
  { othersStart }: Temper,
): keyof typeof crashEnds {
  if (/^(OOMKilled|StartError|ContainerCannotRun)$/.test(reason)) return 'program';
  if (reason === 'LivenessProbeFailed') return 'probe';
  if (hint !== undefined) return hint;
  return othersStart ? 'dependency' : 'unclear';
}

/**
 * How long a crash may last from now on: undefined while the ends so far prove nothing. It rests on their
 * number alone, so that it is the same whenever one looks.
 */
export function crashPatience(
  cause: Cause,
  around: { ends: Ends; hint: CrashHint | undefined; readyPods: number; temper: Temper },
): number | undefined {
  const { ends, hint, readyPods, temper } = around;
  const row = rowOf(cause, hint, temper);
  const needed = figureFor(crashEnds[row], temper);
  const spanMs = figureFor(crashSpan[row], temper);
  if (needed === undefined || spanMs === undefined) return undefined;
  if (ends.underWay || ends.count < needed || (ends.spanMs ?? spanMs) < spanMs) return undefined;
  return readyPods > 0 ? figureFor(patience.crashBesideReady, temper) : 0;
}
