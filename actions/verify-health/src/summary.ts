import type { Finding, VerifyResult } from '@slipway/health';
import type { RollbackResult } from '@slipway/helm';
import { renderStepSummary } from '@slipway/report';
import { ActionError, errorMessage, formatDuration, InputError } from '@slipway/runtime';

/** What came of a rollback, or why there was none. */
export type RollbackOutcome =
  | { kind: 'not-asked' }
  | { kind: 'done'; result: RollbackResult }
  | { kind: 'failed'; error: unknown };

const marks = { good: 'holds', bad: 'FAILED', open: 'not proven', blind: 'not seen' } as const;
const longest = 600;

const short = (text: string): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

/** One sentence on the rollback, for the summary and the annotation; empty when none was asked for. */
export function rollbackText(rollback: RollbackOutcome): string {
  if (rollback.kind === 'not-asked') return '';
  if (rollback.kind === 'failed') return `not rolled back: ${errorMessage(rollback.error)}`;
  const { fromRevision, toRevision, proven, why } = rollback.result;
  const did = `rolled back from revision ${fromRevision} to ${toRevision}`;
  return proven ? `${did}, proven` : `${did}, but not proven: ${why ?? 'no reason was given'}`;
}

function row(finding: Finding): readonly [string, string] {
  return [finding.check, short(`${marks[finding.state]}: ${finding.detail}`)];
}

/** What a person should do now. */
export function nextStep(result: VerifyResult, rollback: RollbackOutcome): string | undefined {
  if (rollback.kind === 'done' && rollback.result.proven)
    return 'Correct the release and deliver it again; the earlier one serves.';
  if (rollback.kind === 'failed') {
    const { error } = rollback;
    const next =
      error instanceof ActionError || error instanceof InputError ? error.next : undefined;
    return next ?? 'Roll back by hand: helm history, then helm rollback.';
  }
  if (result.verdict === 'healthy') return undefined;
  const change =
    result.wouldChange === undefined ? '' : ` It would have taken ${result.wouldChange}.`;
  return `${(result.next ?? 'Look at the evidence above').replace(/\.?$/, '.')}${change}`;
}

/** The step summary of a verdict. */
export function verdictSummary(
  title: string,
  result: VerifyResult,
  rollback: RollbackOutcome,
): string {
  const healthy = result.verdict === 'healthy';
  const next = nextStep(result, rollback);
  const told = rollbackText(rollback);
  const log = result.findings.find(({ logTail }) => logTail !== undefined);
  return renderStepSummary({
    title,
    outcome: healthy ? 'ok' : 'failed',
    facts: [
      ['verdict', result.verdict],
      ...(told === '' ? [] : [['rollback', told] as const]),
      ...result.findings.map(row),
      ['new pods', short(result.pods.join(', ') || 'none')],
      ['time to verdict', formatDuration(result.elapsedMs)],
    ],
    ...(healthy ? {} : { cause: short(result.cause) }),
    ...(next === undefined ? {} : { next }),
    ...(log?.logTail === undefined
      ? {}
      : { details: [{ title: `Last lines of the container (${log.check})`, text: log.logTail }] }),
  });
}

/** The step summary when there is no verdict: a bad input, or a bug of ours. */
export function errorSummary(title: string, error: unknown): string {
  const next = error instanceof InputError || error instanceof ActionError ? error.next : undefined;
  return renderStepSummary({
    title,
    outcome: 'failed',
    facts: [['verdict', 'none: nothing was verified']],
    cause: errorMessage(error),
    ...(next === undefined ? {} : { next }),
  });
}
