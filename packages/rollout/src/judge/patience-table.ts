import type { Temper } from './temper.ts';

/** One figure for each temper: `first` is `normal` with a workload that is new. */
export interface Figures {
  strict: number;
  normal: number;
  first: number;
}

/** Figures in seconds as milliseconds. */
function seconds(strict: number, normal: number, first: number): Figures {
  return { strict: strict * 1_000, normal: normal * 1_000, first: first * 1_000 };
}

/**
 * How long a cause may last before the rollout counts as broken, in milliseconds; Infinity for as long as
 * the timeout allows. They tell slow from broken: what a registry denies for good fails at the kubelet's
 * first back-off, what somebody is about to make gets the time he takes, what only looks bad (not ready
 * yet) gets the whole `timeout`. The README of helm-atomic-upgrade has them as a table.
 */
export const patience = {
  /**
   * `not found`, `denied`: an answer, not an outage. Terminal once the kubelet backs off, which takes it
   * 10 to 15 s, or after this time.
   */
  imageDenied: seconds(10, 10, 10),
  /** The registry does not answer, or says 429 or 5xx: limits of registries are over after a minute. */
  imageUnreachable: seconds(60, 120, 180),
  /** A ConfigMap, or a key of an object that is there: seldom made by anybody but the release. */
  missingConfig: seconds(20, 20, 60),
  /** A Secret is often made by an operator, and not all operators are known by name. */
  missingSecret: seconds(20, 60, 120),
  /** There are kinds that may make it, which these credentials may not read. */
  missingUnread: seconds(20, 90, 120),
  /** Somebody is known who makes it: the object that says so is there. */
  missingMade: seconds(60, Infinity, Infinity),
  createError: seconds(15, 15, 30),
  /** No node fits, and no autoscaler has said anything yet. */
  unschedulable: seconds(45, 90, 180),
  /** An autoscaler has said that it will add no node. */
  notScaled: seconds(45, 45, 90),
  /** Old pods that end free quota. */
  quota: seconds(15, 15, 30),
  forbidden: seconds(10, 10, 20),
  missingVolume: seconds(30, 30, 90),
  /** One pod crashes while another pod of the same revision is ready: may be its node. */
  crashBesideReady: seconds(60, 60, 60),
} as const;

/**
 * At its how manieth end a container counts as one that never comes to run. The kubelet starts it anew at
 * once, then after 10, 20 and 40 s: the fourth end is about half a minute after the first.
 */
export const crashEnds = {
  /** Ends that come again whatever is there: no such command, a nil pointer, out of memory. */
  program: { strict: 2, normal: 2, first: 2 },
  /** Ends that tell nothing: a database that starts makes two or three of them. */
  unclear: { strict: 2, normal: 4, first: 5 },
  /** What it printed says that somebody else does not answer, or others of the release do not serve yet. */
  dependency: { strict: 2, normal: 6, first: Infinity },
  /** Killed by its liveness or startup probe. */
  probe: { strict: 3, normal: 4, first: 5 },
} as const;

/** Clusters may restart faster than that: the ends that tell nothing have at least this time, in milliseconds. */
export const crashSpan = {
  program: seconds(0, 0, 0),
  unclear: seconds(0, 20, 40),
  dependency: seconds(0, 90, 90),
  probe: seconds(0, 20, 40),
} as const;

/** The figure for a temper; undefined for as long as the timeout allows. */
export function figureFor(figures: Figures, { failFast, isNew }: Temper): number | undefined {
  if (failFast === 'off') return undefined;
  const figure = figures[failFast === 'normal' && isNew ? 'first' : failFast];
  return figure === Infinity ? undefined : figure;
}
