import type { Random } from './random.ts';

/** What a verifier should say. `unproven`: neither healthy nor unhealthy can be shown. */
export type Truth = 'good' | 'bad' | 'unproven';

/** The circumstances of one verification. Times in seconds from its begin. */
export interface Setting {
  requestsPerSecond: number;
  scrapeSeconds: number;
  pods: number;
  limit: number;
  minSoakSeconds: number;
  deadlineSeconds: number;
}

/** A moment of one pod. */
export interface Moment {
  /** Seconds from the begin of the verification. */
  second: number;
  /** Seconds since the pod became ready. */
  age: number;
  pod: number;
  route: number;
}

/** The share with which requests fail at a moment. */
export type FailureShare = (at: Moment) => number;

/** Where and when a pod is there, in seconds from the begin. */
export interface PodTime {
  from: number;
  until: number;
}

/** Pods of the earlier revision that serve beside the new ones, each with as many requests. */
export interface OldPods {
  /** How many for each new one; one at least. */
  part: number;
  /** Until when they serve, in seconds from the begin. */
  until: number;
  /** Their failures; what they share with the new pods follows from the same numbers. */
  failures: (random: Random, setting: Setting) => FailureShare;
}

/** One way in which releases behave. */
export interface ReleaseClass {
  name: string;
  truth: Truth;
  /** Bad beyond doubt: at least twice the limit for as long as it is judged. */
  clearCut?: boolean;
  /** Settings in which the class means what its name says; elsewhere it is left out. */
  fits?: (setting: Setting) => boolean;
  limit?: number;
  /** Routes that are counted apart. */
  routes?: number;
  /** Since when pods have been serving, in seconds before the begin: a rollout's pods have just begun. */
  agedSeconds?: number;
  failures: (random: Random, setting: Setting) => FailureShare;
  /** Pods that come and go; else all are there throughout. */
  times?: (random: Random, setting: Setting) => readonly PodTime[];
  /** Seconds in which nothing is scraped. */
  gap?: (random: Random) => PodTime;
  traffic?: (second: number) => number;
  /** Absent when none serve any more. */
  old?: OldPods;
  /** The pod, node or route that must be named: `pod api-7`. */
  place?: string;
}

/** How many pods share a node. */
export const podsPerNode = 4;

/** The same failures in clusters: for each `seconds` a share drawn anew, of all pods or of each. */
export function clusters(
  random: Random,
  of: { mean: number; correlation: number; seconds: number; each?: boolean },
): FailureShare {
  const size = 1 / of.correlation - 1;
  const drawn = new Map<string, number>();
  return ({ second, pod }) => {
    const key = `${Math.floor(second / of.seconds)} ${of.each === true ? pod : ''}`;
    const known = drawn.get(key) ?? random.beta(of.mean * size, (1 - of.mean) * size);
    drawn.set(key, known);
    return known;
  };
}

/** `share` within the times given, `otherwise` else. */
export function during(
  from: number,
  until: number,
  share: number,
  otherwise = 0.001,
): FailureShare {
  return ({ second }) => (second >= from && second < until ? share : otherwise);
}
