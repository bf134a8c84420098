import { readYaml } from '@slipway/yaml';
import { parseRequirement, type Requirement } from './requirement.ts';

/**
 * What must hold of the new pods. Either `query` gives values, each of which must satisfy `must`; or
 * `bad` and `total` select counters, and the share of the one in the other is tested sequentially.
 */
export type Assertion =
  | { kind: 'value'; name: string; query: string; must: Requirement }
  | { kind: 'share'; name: string; bad: string; total: string; must: Requirement };

const placeholders = ['pods', 'scope', 'namespace', 'workload', 'window'] as const;

/** What placeholders in queries stand for; texts are put in as they are. */
export type Placeholders = Readonly<Record<(typeof placeholders)[number], string>>;

const placeholder = /\$(?:\{([a-zA-Z_]+)\}|([a-zA-Z_]+))/g;

/** The query with `$pods` and the like filled in. */
export function fillPlaceholders(query: string, values: Placeholders): string {
  return query.replace(placeholder, (whole, braced?: string, bare?: string) => {
    const name = placeholders.find((known) => known === (braced ?? bare));
    return name === undefined ? whole : values[name];
  });
}

/** Whether the query judges the new pods alone; without `$pods` or `$scope` old ones count as well. */
export function isScopedToPods(query: string): boolean {
  return /\$(?:\{(?:pods|scope)\}|(?:pods|scope)\b)/.test(query);
}

function text(entry: Readonly<Record<string, unknown>>, field: string, where: string): string {
  const value = entry[field];
  if (typeof value !== 'string' || value.trim() === '')
    throw new Error(`${where}: "${field}" must be a text.`);
  if (value.length > 10_000)
    throw new Error(`${where}: "${field}" is longer than 10000 characters.`);
  for (const [found, braced, bare] of value.matchAll(placeholder))
    if (!placeholders.some((known) => known === (braced ?? bare)))
      throw new Error(
        `${where}: ${found} in "${field}" is unknown; there are ${placeholders.map((known) => `$${known}`).join(', ')}.`,
      );
  return value.trim();
}

function selector(entry: Readonly<Record<string, unknown>>, field: string, where: string): string {
  const value = text(entry, field, where);
  if (!/^[a-zA-Z_:][\w:]*\s*(\{[^}]*\})?$/.test(value))
    throw new Error(
      `${where}: "${field}" must select one counter, such as http_requests_total{$scope}, without functions.`,
    );
  return value;
}

function parseAssertion(entry: unknown, index: number): Assertion {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new Error(`entry ${index + 1} is not a mapping of name, query and must.`);
  const fields = entry as Readonly<Record<string, unknown>>;
  const name = text(fields, 'name', `entry ${index + 1}`);
  const where = `assertion ${JSON.stringify(name.slice(0, 60))}`;
  const isShare = 'bad' in fields || 'total' in fields;
  const allowed = isShare ? ['name', 'bad', 'total', 'must'] : ['name', 'query', 'must'];
  const unknown = Object.keys(fields).filter((field) => !allowed.includes(field));
  if (unknown.length > 0)
    throw new Error(
      `${where}: ${unknown.map((field) => `"${field}"`).join(', ')} is unknown; valid are ${allowed.join(', ')}.`,
    );
  let must: Requirement;
  try {
    // YAML reads `must: 1` as a number, and `must: > 1` as a folded text.
    must = parseRequirement(text(fields, 'must', where));
  } catch (error) {
    throw new Error(`${where}: must: ${(error as Error).message}`, { cause: error });
  }
  if (!isShare) return { kind: 'value', name, query: text(fields, 'query', where), must };
  if (!must.operator.startsWith('<') || must.limit <= 0 || must.limit >= 1)
    throw new Error(
      `${where}: the share of "bad" in "total" must be < some share between 0 and 1.`,
    );
  return {
    kind: 'share',
    name,
    bad: selector(fields, 'bad', where),
    total: selector(fields, 'total', where),
    must,
  };
}

/** Reads the YAML list of the input `assertions`. Throws with the entry's name and what is valid. */
export function parseAssertions(yaml: string): readonly Assertion[] {
  const parsed = readYaml(yaml, { name: 'it', rules: 'strict' });
  if (parsed === undefined) return [];
  if (!Array.isArray(parsed))
    throw new Error('a list of mappings with name, query and must is needed.');
  if (parsed.length > 50)
    throw new Error(`${parsed.length} assertions are more than the 50 allowed.`);
  const assertions = parsed.map(parseAssertion);
  const names = assertions.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`the name ${JSON.stringify(twice)} is used twice.`);
  return assertions;
}
