/**
 * What other verifiers would say, by the rules that their documentation gives. These are emulators
 * written from the documentation, not the programs: they decide on the same scrapes as verify-health.
 */
import { countersOf } from './counters.ts';
import type { Said, Verifier } from './verifiers.ts';

const minuteSeconds = 60;

/**
 * Flagger (docs.flagger.app, "How it works", "Metrics analysis"): a check every `interval`, the first one
 * an interval after the begin; no value is a failed check; rolled back at the check after `threshold`
 * failed ones, promoted after 10 good ones. Interval and window of the request-success-rate are 1 min.
 */
export function flagger(threshold: number): Verifier {
  return (release): Said => {
    const { success } = countersOf(release);
    const least = 1 - release.setting.limit;
    let [failed, good] = [0, 0];
    for (let check = 1; ; check += 1) {
      const seconds = check * minuteSeconds;
      if (failed >= threshold) return { verdict: 'unhealthy', seconds, queries: check };
      const value = success(seconds, minuteSeconds);
      if (value === undefined || Number.isNaN(value) || value < least) failed += 1;
      else good += 1;
      if (good >= 10) return { verdict: 'healthy', seconds, queries: check };
    }
  };
}

/**
 * An AnalysisRun of Argo Rollouts (argo-rollouts.readthedocs.io, "Analysis"): `interval: 60s`,
 * `count: 10`, `failureLimit: 3`, `successCondition: result[0] >= …`. No value is an error, asked again
 * after 10 s; the fifth error on end and the fourth failure abort. NaN is a failure.
 */
export const argoRollouts: Verifier = (release): Said => {
  const { success } = countersOf(release);
  const least = 1 - release.setting.limit;
  let [failures, errors, measured, queries] = [0, 0, 0, 0];
  for (let seconds = 0; ;) {
    const value = success(seconds, minuteSeconds);
    queries += 1;
    if (value === undefined) {
      errors += 1;
      if (errors > 4) return { verdict: 'unhealthy', seconds, queries };
      seconds += 10;
      continue;
    }
    errors = 0;
    measured += 1;
    if (!(value >= least)) failures += 1;
    if (failures > 3) return { verdict: 'unhealthy', seconds, queries };
    if (measured >= 10) return { verdict: 'healthy', seconds, queries };
    seconds += minuteSeconds;
  }
};

/** `sleep 60`, then one query over 5 min whose answer is compared in a shell: nothing compares as well. */
export const sleepAndQuery: Verifier = (release): Said => {
  const value = countersOf(release).success(minuteSeconds, 5 * minuteSeconds);
  const verdict =
    value !== undefined && value < 1 - release.setting.limit ? 'unhealthy' : 'healthy';
  return { verdict, seconds: minuteSeconds, queries: 1 };
};
