/** Reads a nested text of an event payload; undefined when it is absent or not a text. */
export function textAt(payload: unknown, ...keys: readonly string[]): string | undefined {
  const value = valueAt(payload, keys);
  return typeof value === 'string' ? value : undefined;
}

/** Reads a nested boolean of an event payload; false when it is absent. */
export function flagAt(payload: unknown, ...keys: readonly string[]): boolean {
  return valueAt(payload, keys) === true;
}

/** Reads a nested whole number of an event payload; undefined when it is absent or something else. */
export function numberAt(payload: unknown, ...keys: readonly string[]): number | undefined {
  const value = valueAt(payload, keys);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** The texts of a nested object, such as the inputs of a dispatch; other values are passed over. */
export function textsAt(
  payload: unknown,
  ...keys: readonly string[]
): Readonly<Record<string, string>> {
  const value = valueAt(payload, keys);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => {
      return typeof entry[1] === 'string';
    }),
  );
}

function valueAt(payload: unknown, keys: readonly string[]): unknown {
  let value: unknown = payload;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
