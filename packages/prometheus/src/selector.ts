/** A text as it stands between quotes in PromQL. */
export function quoteLabel(value: string): string {
  return `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}

/** A regular expression (RE2) that matches exactly these names, and nothing when there are none. */
export function exactly(names: readonly string[]): string {
  // An empty pattern would match series without the label: every other service's.
  if (names.length === 0) return '$none^';
  return names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
}

const words = new Set(
  (
    'sum avg min max count stddev stdvar topk bottomk quantile count_values group limitk limit_ratio ' +
    'by without on ignoring group_left group_right offset bool and or unless atan2 inf nan start end'
  ).split(' '),
);

/**
 * The metric names that a PromQL expression selects: enough of its grammar to explain an empty answer,
 * not to judge one. Label names, functions and keywords are passed over.
 */
export function metricNames(expression: string): string[] {
  const bare = expression
    .replace(/#.*$/gm, '')
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/gi, ' ')
    .replace(/\{[^}]*\}/g, '{}')
    .replace(/\[[^\]]*\]/g, '[]');
  const names = new Set<string>();
  for (const match of bare.matchAll(/(?<![\w:.])([a-zA-Z_:][\w:]*)\s*(\(?)/g)) {
    const [, name = '', call] = match;
    if (call === '' && !words.has(name.toLowerCase())) names.add(name);
  }
  for (const [, name = ''] of expression.matchAll(/__name__\s*=\s*"([^"]+)"/g)) names.add(name);
  return [...names];
}
