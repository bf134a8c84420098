import { broughtBy, type EffectiveValue, type UpgradeResult } from '@slipway/helm';

type Detail = Readonly<{ title: string; text: string }>;

const mostValues = 200;
/** Characters of one value in the list of values. */
const longestValue = 120;

function shown(value: unknown, isSecret: boolean): string {
  const text = isSecret ? String(value) : JSON.stringify(value);
  return text.length <= longestValue ? text : `${text.slice(0, longestValue).toWellFormed()}…`;
}

function valueLine({ path, value, origin, over, isSecret }: EffectiveValue): string {
  return `${path} = ${shown(value, isSecret)}  (${[...over, origin].join(' < ')})`;
}

/** Every value with its origin: first what the user gave, then the chart's own. */
function valueLines(values: readonly EffectiveValue[]): readonly string[] {
  const isCharts = ({ origin }: EffectiveValue): boolean => /^(?:sub)?chart(?: |$)/.test(origin);
  const own = values.filter((value) => !isCharts(value));
  const lines = [...own, ...values.filter(isCharts)].map(valueLine);
  const more = lines.length - mostValues;
  return more > 0 ? [...lines.slice(0, mostValues), `… ${more} more values`] : lines;
}

/** What changes and where the values come from, folded in the summary. */
export function changeDetails({ changes }: UpgradeResult): readonly Detail[] {
  if (changes === undefined) return [];
  const { diff, objects, values } = changes;
  const lines = valueLines(values);
  return [
    ...(diff === '' ? [] : [{ title: `What changes (${objects.length})`, text: diff }]),
    ...(lines.length === 0
      ? []
      : [{ title: `Values and where they come from (${values.length})`, text: lines.join('\n') }]),
  ];
}

/** Shorter values are in many texts by chance. */
const shortestTelling = 2;

/** Values that stand in the new text of a field and did not in the old one. */
function originsOf(
  { before, after }: { before: unknown; after: unknown },
  values: readonly EffectiveValue[],
): readonly EffectiveValue[] {
  const [old, now] = [before, after].map((side) =>
    side === undefined ? '' : JSON.stringify(side),
  );
  return values.filter(({ value, isSecret }) => {
    if (isSecret || (typeof value !== 'string' && typeof value !== 'number')) return false;
    const text = JSON.stringify(value).replace(/^"|"$/g, '');
    return (
      text.length >= shortestTelling && now?.includes(text) === true && old?.includes(text) !== true
    );
  });
}

/**
 * What brought the cause of a failure, as facts of the summary: the changed fields, and the values that
 * are new in them with their origin.
 */
export function broughtByFacts({ cause, changes }: UpgradeResult): [string, string][] {
  const found =
    cause === undefined || changes === undefined ? undefined : broughtBy(cause, changes.objects);
  if (found === undefined || changes === undefined) return [];
  const facts: [string, string][] = [['brought by', [found.object, ...found.lines].join('\n')]];
  const origins = found.fields.flatMap((field) => originsOf(field, changes.values));
  const lines = [...new Set(origins.map(valueLine))].slice(0, 3);
  return lines.length === 0 ? facts : [...facts, ['from values', lines.join('\n')]];
}
