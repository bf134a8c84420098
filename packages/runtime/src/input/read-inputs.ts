import { InputError } from '../error/index.ts';
import { createInputReader, type InputReader } from './input-reader.ts';
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
 * other folders that paths may be in. Throws one InputError that lists every problem of every input.
 */
export function readInputs<T extends object>(
  source: InputSource,
  roots: string | readonly [string, ...string[]],
  build: (read: InputReader) => T,
): Readonly<T> {
  const problems: string[] = [];
  const reader = createInputReader(source, typeof roots === 'string' ? [roots] : roots, problems);
  const inputs = build(reader);
  const [first, ...others] = problems;
  if (first !== undefined)
    throw new InputError(
      others.length === 0
        ? `Bad input ${first}`
        : `Bad inputs:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  return deepFreeze(inputs);
}
