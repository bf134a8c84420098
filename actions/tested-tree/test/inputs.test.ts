import { expect, test } from '@jest/globals';
import { inputValues } from '@slipway/testing';
import { readRunnerEnvironment } from '@slipway/runtime';
import { parseInputs } from '../src/inputs.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const runner = readRunnerEnvironment({ GITHUB_SHA: commit });
const parse = (inputs: Readonly<Record<string, string>>, headSha = '') =>
  parseInputs(inputValues({ mode: 'find', ...inputs }), runner, headSha);

test('the commit is that of the job, of a pull request its head, and else what is named', () => {
  const head = 'b'.repeat(40);
  expect(parse({}).commit).toBe(commit);
  expect(parse({}, head).commit).toBe(head);
  expect(parse({ commit }, head).commit).toBe(commit);
});

test.each([
  { input: 'mode', value: '', says: 'a value is required' },
  { input: 'mode', value: 'both', says: 'record, find' },
  { input: 'claim', value: '{}', says: 'is not what go-check.yml' },
  { input: 'commit', value: 'main', says: 'no full commit id' },
])('$input: $value is refused', ({ input, value, says }) => {
  expect(() => parse({ [input]: value })).toThrow(`${input}: `);
  expect(() => parse({ [input]: value })).toThrow(says);
});
