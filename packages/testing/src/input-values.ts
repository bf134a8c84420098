import type { InputSource } from '@slipway/runtime';

/** Inputs from a plain object; absent ones are empty, as the runner gives them. */
export function inputValues(values: Readonly<Record<string, string>>): InputSource {
  return { get: (name) => values[name] ?? '' };
}
