import { InputError } from '../error/index.ts';
import { givenTexts } from './given-texts.ts';
import { createInputReader, type InputReader } from './input-reader.ts';
import type { SettingsRule } from './settings.ts';
import type { InputSource } from './source.ts';

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

/**
 * Turns strings into one frozen, validated value. `roots` is the workspace, or the workspace and the
 * other folders that paths may be in. With `settings` the action has an input of that name, an object of
 * inputs as JSON, which go before those of the step; secrets are none of them. Throws one InputError that lists every problem of every input.
 */
export function readInputs<T extends object>(
  source: InputSource,
  roots: string | readonly [string, ...string[]],
  build: (read: InputReader) => T,
  settings?: SettingsRule,
): Readonly<T> {
  const problems: string[] = [];
  const texts = givenTexts(source, problems, settings);
  const inputs = build(
    createInputReader(source, typeof roots === 'string' ? [roots] : roots, texts),
  );
  texts.finish();
  const [first, ...others] = problems;
  if (first !== undefined)
    throw new InputError(
      others.length === 0
        ? `Bad input ${first}`
        : `Bad inputs:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  return deepFreeze(inputs);
}
