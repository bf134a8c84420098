import { PrometheusError, type PrometheusClient } from '@slipway/prometheus';
import { addEvaluation, settlesAfterMs, type ValueCheck } from '../../findings/index.ts';
import { fillPlaceholders, type Assertion } from '../../judge/index.ts';
import { explainAbsence, type Absence } from './absence.ts';
import { evaluate } from './evaluation.ts';
import type { MetricLook } from './metric-look.ts';

/** An assertion whose query gives values. */
export type ValueAssertion = Extract<Assertion, { kind: 'value' }>;

/** Since when the same was missing, by the runner's clock. */
interface MissingSince {
  why: string;
  sinceMs: number;
}

/** What is missing now, and for how long it has been the same. */
export function missingFrom(
  absence: Absence,
  known: MissingSince | undefined,
  look: MetricLook,
): { since: MissingSince; settled: boolean; isKnownAbsent: boolean } {
  const { nowMs, scope, scrapedTwice } = look;
  const since = known?.why === absence.why ? known : { why: absence.why, sinceMs: nowMs };
  const lasted = nowMs - since.sinceMs >= settlesAfterMs(scope.intervalMs);
  const isKnownAbsent = absence.unknown && scrapedTwice;
  return { since, settled: isKnownAbsent || (absence.stays && lasted), isKnownAbsent };
}

/** Evaluates one assertion again and again. */
export function createValueReader(client: PrometheusClient, assertion: ValueAssertion) {
  const { name, must } = assertion;
  let check: ValueCheck = { kind: 'value', name, must, runs: [], missing: undefined };
  let since: MissingSince | undefined;
  return {
    /** Throws PrometheusError, also when only a part of the answer came. */
    read: async (look: MetricLook): Promise<ValueCheck> => {
      const { scope, atMs, nowMs } = look;
      const query = fillPlaceholders(assertion.query, scope.placeholders);
      const answer = await client.query(query, { timeMs: atMs });
      const [warning] = answer.warnings;
      if (warning !== undefined)
        throw new PrometheusError(`Prometheus warns: ${warning}`, {
          failure: 'unavailable',
          status: 200,
        });
      const evaluation = { ...evaluate(answer, must), atMs: nowMs };
      check = { ...check, runs: addEvaluation(check.runs, evaluation, scope.intervalMs) };
      if (evaluation.outcome !== 'no-data') {
        since = undefined;
        check = { ...check, missing: undefined };
        return check;
      }
      const absence = await explainAbsence(client, query, scope, atMs);
      const missing = missingFrom(absence, since, look);
      since = missing.since;
      const { settled, isKnownAbsent: final } = missing;
      check = { ...check, missing: { why: absence.why, settled, final } };
      return check;
    },
  };
}
