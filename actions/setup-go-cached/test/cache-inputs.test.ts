import { describe, expect, test } from '@jest/globals';
import { readRunnerEnvironment } from '@slipway/runtime';
import { inputValues } from '@slipway/testing';
import { parseInputs } from '../src/inputs.ts';

const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: '/ws', RUNNER_TEMP: '/tmp' }, 'linux');
const parse = (values: Record<string, string>) => parseInputs(inputValues(values), runner);

describe('the inputs for caches', () => {
  test('all have defaults', () => {
    expect(parse({})).toMatchObject({
      ...{ cache: true, cacheSave: true, cacheKey: '', buildCache: 'trusted', testCache: true },
      cacheDependencyPath: [],
    });
  });

  test.each([
    // What the runner makes of toJSON(matrix) in a job without a matrix.
    ['null', ''],
    ['{}', ''],
    ['{\n  "go": "1.26"\n}', '{\n  "go": "1.26"\n}'],
    ['lint', 'lint'],
  ])('keep jobs apart by cache-key %j: %j', (given, key) => {
    expect(parse({ 'cache-key': given }).cacheKey).toBe(key);
  });

  test.each([
    [{ 'test-cache': 'yes' }, /test-cache: .*true, false/],
    [{ 'build-cache': 'some' }, /build-cache: .*trusted, all, off/],
  ])('%j are refused', (values, message) => {
    expect(() => parse(values as unknown as Record<string, string>)).toThrow(message);
  });
});
