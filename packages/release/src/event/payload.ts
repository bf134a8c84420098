import { InputError } from '@slipway/runtime';

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

/** What a value of a payload is, as a noun: `a list`. */
export function kindOfValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The InputError for a payload without a field that it must have. */
export function incomplete(eventName: string, field: string): InputError {
  return new InputError(`The payload of the event ${eventName} lacks ${field}.`, {
    next: 'Give the local runner a payload captured from GitHub.',
  });
}

/** Reads a nested value of any kind; undefined when it is absent. Never looks into a prototype. */
export function valueAt(payload: unknown, keys: readonly string[]): unknown {
  let value: unknown = payload;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
