import type { Judgement } from '../judge/index.ts';
import { digestOf, plainJson } from './canonical-json.ts';
import { shortText } from './short-text.ts';
import { rulesVersion, type CertifiedVerdict, type HealthPredicate } from './predicate.ts';

/** What a replay came to. */
export type Replay =
  | { kind: 'same'; verdict: CertifiedVerdict; cause: string }
  /** The evidence leads elsewhere than the certificate says. */
  | { kind: 'other'; verdict: CertifiedVerdict; cause: string; certified: CertifiedVerdict }
  /** Nothing is said: altered, of other rules, or not all that a replay needs is there. */
  | { kind: 'unreplayable'; why: string };

/** What checks found at the instant of the verdict, and what follows; undefined for no verdict yet. */
export type Rejudge = (
  predicate: HealthPredicate,
) => Pick<Judgement, 'verdict' | 'cause'> | undefined;

/** Why `predicate` cannot be replayed; `known` are the checks that can be. */
function obstacle(predicate: HealthPredicate, known: readonly string[]): string | undefined {
  const { digest, ...content } = predicate;
  if (digestOf(plainJson(content)) !== digest.sha256)
    return 'the certificate was altered: its digest is another';
  if (predicate.rules !== rulesVersion)
    return `it was judged by the rules ${predicate.rules}; these are ${rulesVersion}`;
  const unknown = predicate.evidence
    .map(({ check }) => check)
    .filter((check) => !known.includes(check));
  if (unknown.length > 0) return `there is no replay of the evidence of ${unknown.join(', ')}`;
  const missing = predicate.leftOut.filter(({ needed }) => needed).map(({ from }) => from);
  return missing.length > 0
    ? `evidence was left out, to keep it small, of ${missing.join(', ')}`
    : undefined;
}

/**
 * Judges the evidence of a certificate again. Pure. It vouches for nothing but that the verdict follows
 * from the evidence: who collected that is for a signature to say.
 */
export function replayPredicate(
  predicate: HealthPredicate,
  options: { known: readonly string[]; rejudge: Rejudge },
): Replay {
  const why = obstacle(predicate, options.known);
  if (why !== undefined) return { kind: 'unreplayable', why };
  const again = options.rejudge(predicate);
  const verdict = again?.verdict ?? 'cut-off';
  const cause = again?.cause ?? predicate.cause;
  const certified = predicate.verdict;
  return verdict === certified && shortText(cause) === predicate.cause
    ? { kind: 'same', verdict, cause }
    : { kind: 'other', verdict, cause, certified };
}
