import { readValue, type Answer } from '@slipway/prometheus';
import type { EvaluationRun } from '../../findings/index.ts';
import { satisfies, type Requirement } from '../../judge/index.ts';

/** What one answer says of a requirement. */
export type Outcome = Pick<EvaluationRun, 'outcome' | 'shown'>;

const noNumber = (shown: string): Outcome => ({ outcome: 'no-number', shown });

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `{${pairs.join(', ').slice(0, 200)}}`;
}

/** Why the answer as a whole decides nothing; undefined when its values do. */
function unusable(answer: Answer): Outcome | undefined {
  if (answer.type === 'matrix' || answer.type === 'string')
    return noNumber(`the query gives a ${answer.type}, not one value per series`);
  if (answer.histograms.length > 0)
    return noNumber('the query gives native histograms, not numbers');
  if (answer.series.length === 0) return { outcome: 'no-data', shown: 'the query found nothing' };
  return undefined;
}

function evaluateSeries(series: Answer['series'][number], must: Requirement): Outcome {
  const of = labelText(series.labels);
  const value = readValue(series.points[0]?.value ?? NaN);
  if (value.kind === 'not-a-number')
    return noNumber(`NaN of ${of}, as from 0/0: most often no traffic`);
  if (value.kind === 'infinite')
    return noNumber(`${value.sign > 0 ? '+' : '-'}Inf of ${of}, as from a division by 0`);
  const shown = `${Number(value.value.toPrecision(6))} of ${of}`;
  return { outcome: satisfies(value.value, must) ? 'holds' : 'violated', shown };
}

/** Whether every value of a whole answer satisfies `must`; shown is the first that does not. */
export function evaluate(answer: Answer, must: Requirement): Outcome {
  const useless = unusable(answer);
  if (useless !== undefined) return useless;
  const outcomes = answer.series.map((series) => evaluateSeries(series, must));
  const [first] = outcomes;
  const against = outcomes.find(({ outcome }) => outcome !== 'holds');
  if (against !== undefined) return against;
  const several = outcomes.length > 1 ? `${outcomes.length} series, ` : '';
  return { outcome: 'holds', shown: `${several}${first?.shown ?? ''}` };
}
