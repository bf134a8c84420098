/**
 * The user's word on how soon a rollout that looks broken is given up: `strict` at the first clear sign,
 * `normal` when what usually mends itself has had its time, `off` never before the timeout.
 */
export type FailFast = 'strict' | 'normal' | 'off';

/** How patient one is with one workload. */
export interface Temper {
  failFast: FailFast;
  /** It is there for the first time: what it needs may be made at this moment. */
  isNew: boolean;
  /** Something else of the release does not serve yet either, which it may need. */
  othersStart: boolean;
  /** Failures of a job's pods count before the job itself gives up. */
  countsJobs: boolean;
}

/** Of who knows nothing about the release but its rollout. */
export const usualTemper: Temper = {
  failFast: 'normal',
  isNew: false,
  othersStart: false,
  countsJobs: false,
};
