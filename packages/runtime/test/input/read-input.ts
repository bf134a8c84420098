import { expect } from '@jest/globals';
import { inputValues } from '@slipway/testing';
import { InputError, readInputs, type InputReader } from '../../src/index.ts';

/** What an input of these values is read as. */
export function read<T>(
  values: Record<string, string>,
  build: (reader: InputReader) => T,
  workspace = '/work',
): T {
  return readInputs(inputValues(values), workspace, (reader) => ({ value: build(reader) })).value;
}

/** What is said against inputs that are refused. */
export function problem(
  values: Record<string, string>,
  build: (reader: InputReader) => unknown,
  workspace?: string,
): string {
  try {
    read(values, build, workspace);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error('The input was taken.');
}
