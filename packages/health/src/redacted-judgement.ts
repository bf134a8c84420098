import type { Redact } from './certificate/index.ts';
import type { Finding, Judgement } from './judge/index.ts';

function redactedFinding(finding: Finding, redact: Redact): Finding {
  const { check, detail, wouldChange, next, logTail } = finding;
  return {
    ...finding,
    check: redact(check),
    detail: redact(detail),
    ...(wouldChange === undefined ? {} : { wouldChange: redact(wouldChange) }),
    ...(next === undefined ? {} : { next: redact(next) }),
    ...(logTail === undefined ? {} : { logTail: redact(logTail) }),
  };
}

/** A judgement whose texts hold no secret: they quote servers, pods and their logs. */
export function redactedJudgement(judged: Judgement, redact: Redact): Judgement {
  const { verdict, cause, wouldChange, next, findings } = judged;
  return {
    verdict,
    cause: redact(cause),
    wouldChange: wouldChange === undefined ? undefined : redact(wouldChange),
    next: next === undefined ? undefined : redact(next),
    findings: findings.map((finding) => redactedFinding(finding, redact)),
  };
}
