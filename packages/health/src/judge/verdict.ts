/**
 * What a verification can say. `not-enough-evidence`: all that was seen is compatible with health, but
 * too little was seen. `cannot-observe`: the means of seeing are broken, whatever the release is.
 */
export type Verdict = 'healthy' | 'unhealthy' | 'not-enough-evidence' | 'cannot-observe';

/**
 * What one check says now. `good` and `bad` are certain by the check's own rule; `open` needs more time
 * or more traffic; `blind` means that the check cannot see.
 */
export type FindingState = 'good' | 'bad' | 'open' | 'blind';

/** The state of one check, told for its reader. Details may quote pods and servers: escape them. */
export interface Finding {
  /** `rollout`, `pods`, `probe /readyz`, `scrapes`, or an assertion's name. */
  check: string;
  state: FindingState;
  /** What was seen: one sentence with the numbers. */
  detail: string;
  /**
   * Since when the check has held without a break, milliseconds since 1970; absent when it does not hold
   * now. An `open` check that has seen nothing against the release holds.
   */
  wellSinceMs?: number;
  /** When what it rests on was scraped last, for checks that rest on scrapes. Milliseconds since 1970. */
  sampledMs?: readonly number[];
  /** Waiting will not change an `open` or `blind` state. */
  settled?: boolean;
  /** Nothing more can be learnt about this release, so the verification ends at once by this state. */
  final?: boolean;
  /** What would have changed this state. */
  wouldChange?: string;
  /** What a person should do next. */
  next?: string;
  /** The last lines of the container that explains it. */
  logTail?: string;
}

/** How long all has been well without a break. Milliseconds. */
export interface Soak {
  /** 0 when it is not so now. */
  soakedMs: number;
  /** The first check that rests on scrapes and has seen fewer than two of them inside the soak. */
  unsampled: Finding | undefined;
}

/** How far the verification has come. Durations in milliseconds. */
export interface Progress extends Soak {
  elapsedMs: number;
  minSoakMs: number;
  deadlineMs: number;
}

/** The verdict with its reasons. */
export interface Judgement {
  verdict: Verdict;
  /** One sentence; for `healthy`, what it rests on. */
  cause: string;
  wouldChange: string | undefined;
  next: string | undefined;
  findings: readonly Finding[];
}
