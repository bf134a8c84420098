import { formatDuration } from '@slipway/runtime';
import type { Finding, FindingState, Judgement, Progress, Verdict } from './verdict.ts';

function judgement(verdict: Verdict, because: Finding, findings: readonly Finding[]): Judgement {
  return {
    verdict,
    cause: `${because.check}: ${because.detail}`,
    wouldChange: because.wouldChange,
    next: because.next,
    findings,
  };
}

function healthy(findings: readonly Finding[], progress: Progress): Judgement {
  const checks = findings.map(({ check }) => check).join(', ');
  return {
    verdict: 'healthy',
    cause: `All of ${checks} held for ${formatDuration(progress.soakedMs)}.`,
    wouldChange: undefined,
    next: undefined,
    findings,
  };
}

function tooFewScrapes(unsampled: Finding): Finding {
  return {
    check: unsampled.check,
    state: 'open',
    detail: `${unsampled.detail}; fewer than two scrapes lie inside the soak`,
    wouldChange: 'a deadline two scrapes later',
    next: 'Raise deadline, or let Prometheus scrape more often.',
  };
}

/** What a finding says after which nothing more can be learnt. */
const finalVerdicts: Readonly<Record<FindingState, Verdict>> = {
  good: 'healthy',
  bad: 'unhealthy',
  open: 'not-enough-evidence',
  blind: 'cannot-observe',
};

/**
 * The verdict that the findings allow, or undefined while more can still be learnt. One `bad` finding
 * is enough to be unhealthy at once. Healthy takes every finding `good` and the whole soak, or a final one
 * after which nothing can change. What cannot
 * be seen is cannot-observe rather than not-enough-evidence, and neither is ever healthy.
 */
export function judge(findings: readonly Finding[], progress: Progress): Judgement | undefined {
  const first = (wanted: (finding: Finding) => boolean): Finding | undefined =>
    findings.find(wanted);
  const bad = first(({ state }) => state === 'bad');
  if (bad !== undefined) return judgement('unhealthy', bad, findings);
  const final = first((finding) => finding.final === true);
  if (
    final !== undefined &&
    (final.state !== 'good' || findings.every(({ state }) => state === 'good'))
  )
    return judgement(finalVerdicts[final.state], final, findings);

  const { soakedMs, minSoakMs, unsampled } = progress;
  const soaked = soakedMs > 0 && soakedMs >= minSoakMs && unsampled === undefined;
  const over = progress.elapsedMs >= progress.deadlineMs;
  const blind = first(({ state }) => state === 'blind');
  const open = first(({ state }) => state === 'open');
  if (findings.length > 0 && blind === undefined && open === undefined && soaked)
    return healthy(findings, progress);
  const settled = first(({ settled: is, state }) => is === true && state !== 'good');
  const waited = soakedMs > 0 && soakedMs >= minSoakMs;
  if (!over && !(waited && settled !== undefined)) return undefined;
  const settledBlind = first(({ settled: is, state }) => is === true && state === 'blind');
  const unseen = settledBlind ?? (over ? blind : undefined);
  if (unseen !== undefined) return judgement('cannot-observe', unseen, findings);
  if (settled === undefined && open === undefined && waited && unsampled !== undefined)
    return judgement('not-enough-evidence', tooFewScrapes(unsampled), findings);
  const short: Finding = {
    check: 'soak',
    state: 'open',
    detail: `everything is well, but only for ${formatDuration(progress.soakedMs)} of the ${formatDuration(progress.minSoakMs)} that min-soak asks for`,
    wouldChange: 'a later deadline',
    next: 'Raise deadline, or lower min-soak.',
  };
  return judgement('not-enough-evidence', settled ?? open ?? short, findings);
}
