import type { Advice, Finding, PastVerdict } from '@slipway/health';
import { plainText } from '@slipway/runtime';

const maxFindings = 60;
const maxText = 600;
/** Bytes that a step can still hand on in an environment variable with room for others. */
const maxBytes = 32_000;

const ranks = { bad: 0, blind: 1, open: 2, good: 3 } as const;

/** What counts most first: what is bad, then what cannot be seen, then what is not proven. */
export function ranked(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((one, other) => ranks[one.state] - ranks[other.state]);
}

function short(text: string): string {
  const shown = plainText(text).replace(/\s+/g, ' ').toWellFormed();
  return shown.length <= maxText ? shown : `${shown.slice(0, maxText - 1).toWellFormed()}…`;
}

function told({ check, state, detail, wouldChange, next }: Finding) {
  return {
    check: short(check),
    state,
    detail: short(detail),
    ...(wouldChange === undefined ? {} : { 'would-change': short(wouldChange) }),
    ...(next === undefined ? {} : { next: short(next) }),
  };
}

/** The first texts that fit, as one JSON list. */
function listOf(texts: readonly string[]): string {
  let bytes = 2;
  const end = texts.findIndex((text) => (bytes += Buffer.byteLength(text) + 1) > maxBytes);
  return `[${(end < 0 ? texts : texts.slice(0, end)).join(',')}]`;
}

/**
 * The output `findings`: a JSON list in one line, the most serious first, of at most 32 kB; what is
 * less serious is left out then. Texts of pods and servers are data in it, without control characters.
 */
export function findingsOutput(findings: readonly Finding[]): string {
  return listOf(
    ranked(findings)
      .slice(0, maxFindings)
      .map((finding) => JSON.stringify(told(finding))),
  );
}

/** The same of what lint found: `state` is `error` or `warning`. */
export function adviceOutput(advice: readonly Advice[]): string {
  const errors = advice.filter(({ level }) => level === 'error');
  const warnings = advice.filter(({ level }) => level === 'warning');
  const texts = [...errors, ...warnings].map(({ about, level, detail, next }) =>
    JSON.stringify({
      check: short(about),
      state: level,
      detail: short(detail),
      next: short(next),
    }),
  );
  return listOf(texts.slice(0, maxFindings));
}

/** The same of rollouts of the past: `check` is the replica set, and `state` the verdict. */
export function pastOutput(verdicts: readonly PastVerdict[]): string {
  const texts = verdicts.map(({ set, verdict, cause, beganMs, elapsedMs }) =>
    JSON.stringify({
      check: short(set),
      state: verdict,
      detail: short(cause),
      began: new Date(beganMs).toISOString(),
      seconds: Math.round(elapsedMs / 1000),
    }),
  );
  return listOf(texts.slice(0, maxFindings));
}
