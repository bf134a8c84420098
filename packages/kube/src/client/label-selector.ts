/** A label selector as workloads carry it. */
export interface LabelSelector {
  matchLabels?: Readonly<Record<string, string>>;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/** The selector in the form that the API's `labelSelector` parameter takes, with `more` labels. */
export function selectorText(
  selector: LabelSelector | undefined,
  more: Readonly<Record<string, string>> = {},
): string {
  const labels = Object.entries({ ...selector?.matchLabels, ...more });
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${(values ?? []).join(',')})`;
  });
  return [...labels.map(([key, value]) => `${key}=${value}`), ...expressions].join(',');
}
