import { isOrdinaryText } from '@slipway/runtime';
import type { Json } from './canonical-json.ts';

/** Gives a text without the secrets in it. */
export type Redact = (text: string) => string;

/** Names of fields that are written in code; other keys are data, such as labels. */
const field = /^[A-Za-z]+$/;

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    field.test(key) ? textsIn(inner) : [key, ...textsIn(inner)],
  );
}

function redacted(value: Json, redact: Redact): Json {
  // Words such as `deployment` and `running` are what programs read in evidence.
  if (typeof value === 'string') return isOrdinaryText(value) ? value : redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((inner) => redacted(inner, redact));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      field.test(key) ? key : redact(key),
      redacted(inner, redact),
    ]),
  );
}

/** `value` without secrets in any of its texts, also in those keys that are data. */
export function redactedJson(value: Json, redact: Redact): Json {
  // Nearly always there is none, and texts are many.
  const all = textsIn(value).join('\n');
  return redact(all) === all ? value : redacted(value, redact);
}
