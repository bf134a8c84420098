import type { Assertion, Finding, VerifyResult } from '@slipway/health';
import { renderStepSummary, type SeriesChart } from '@slipway/report';
import { ActionError, errorMessage, formatDuration, InputError } from '@slipway/runtime';
import { ranked } from './findings-output.ts';
import { afterRollback, rollbackText, type RollbackOutcome } from './rollback-outcome.ts';

const marks = { good: 'holds', bad: 'FAILED', open: 'not proven', blind: 'not seen' } as const;
const longest = 600;

const short = (text: string): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

function row(finding: Finding): readonly [string, string] {
  return [finding.check, short(`${marks[finding.state]}: ${finding.detail}`)];
}

/** Takes secrets out of a text, before it is cut short. */
type Redact = (text: string) => string;

/** What a person should do now. */
export function nextStep(result: VerifyResult, rollback: RollbackOutcome): string | undefined {
  const after = afterRollback(rollback);
  if (after !== undefined || result.verdict === 'healthy') return after;
  return (result.next ?? 'Look at the evidence above').replace(/\.?$/, '.');
}

/** The query of the check that decided, as its user would ask it. */
function queryOf(result: VerifyResult, assertions: readonly Assertion[]): string | undefined {
  const found = assertions.find(({ name }) => name === result.deciding);
  if (found === undefined) return undefined;
  return found.kind === 'share' ? `(${found.bad}) / (${found.total})` : found.query;
}

/** The step summary of a verdict: what decided first, then all reasons, the most serious first. */
export function verdictSummary(
  title: string,
  of: {
    result: VerifyResult;
    rollback: RollbackOutcome;
    inputs: { assertions: readonly Assertion[] };
    redact: Redact;
  },
): string {
  const { result, rollback, inputs, redact } = of;
  const healthy = result.verdict === 'healthy';
  const next = nextStep(result, rollback);
  const told = redact(rollbackText(rollback));
  const query = queryOf(result, inputs.assertions);
  const log = result.findings.find(({ logTail }) => logTail !== undefined);
  const { series, wouldChange } = result;
  const facts: (readonly [string, string])[] = [
    ['verdict', result.verdict],
    ...(told === '' ? [] : [['rollback', short(told)] as const]),
    ...ranked(result.findings).map(row),
    ...(query === undefined ? [] : [['query', short(redact(query))] as const]),
    ...(wouldChange === undefined
      ? []
      : [['what would change the verdict', short(wouldChange)] as const]),
    ['new pods', short(result.pods.join(', ') || 'none')],
    ['time to verdict', formatDuration(result.elapsedMs)],
  ];
  return renderStepSummary({
    title,
    outcome: healthy ? 'ok' : 'failed',
    facts,
    ...(healthy ? {} : { cause: short(result.cause) }),
    ...(next === undefined ? {} : { next }),
    ...(series === undefined ? {} : { chart: chartOf(series) }),
    ...(log?.logTail === undefined
      ? {}
      : { details: [{ title: `Last lines of the container (${log.check})`, text: log.logTail }] }),
  });
}

/** The numbers that show best why the verdict is what it is, for a chart. */
export function chartOf({ name, points, limit }: NonNullable<VerifyResult['series']>): SeriesChart {
  return { title: name, points, ...(limit === undefined ? {} : { limit }) };
}

/** The step summary when there is no verdict: a bad input, or a bug of ours. */
export function errorSummary(title: string, error: unknown, redact: Redact): string {
  const next = error instanceof InputError || error instanceof ActionError ? error.next : undefined;
  return renderStepSummary({
    title,
    outcome: 'failed',
    facts: [['verdict', 'none: nothing was verified']],
    cause: redact(errorMessage(error)),
    ...(next === undefined ? {} : { next }),
  });
}
