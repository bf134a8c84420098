import { describe, expect, test } from '@jest/globals';
import { readRunnerEnvironment } from '@slipway/runtime';
import { inputValues } from '@slipway/testing';
import { parseInputs } from '../src/inputs.ts';

const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: '/ws', RUNNER_TEMP: '/tmp' }, 'linux');
const parse = (values: Record<string, string>) => parseInputs(inputValues(values), runner);

describe('the inputs', () => {
  test('all have defaults', () => {
    expect(parse({})).toEqual({
      workingDirectory: '/ws',
      packages: ['./...'],
      race: true,
      vet: true,
      timeoutMs: undefined,
      tags: [],
      flags: [],
      junit: '',
    });
  });

  test('tell a time limit of 0, which is none, from one that was not given', () => {
    expect(parse({ timeout: '0' }).timeoutMs).toBe(0);
    expect(parse({ timeout: '90s' }).timeoutMs).toBe(90_000);
  });

  test.each([
    [{ packages: '-exec=/bin/sh' }, /packages: .* begins with "-"/],
    [{ packages: './...\n-toolexec=x' }, /packages/],
    [{ 'working-directory': '../other' }, /working-directory: .*outside/],
    [{ junit: '/etc/junit.xml' }, /junit: .*outside/],
    [{ timeout: 'long' }, /timeout: "long" is not a duration/],
    [{ race: 'yes' }, /race: .*true, false/],
    [{ flags: '-run\nTestPrice' }, /flags: "TestPrice" is no flag.*-run=TestPrice/],
    [{ flags: '-json=false' }, /flags: -json cannot be given/],
    [{ flags: '--c' }, /flags: -c cannot be given/],
    [{ flags: '-C=/tmp' }, /flags: -C cannot be given/],
    [{ tags: 'a,b' }, /tags: "a,b" is not a build tag/],
    [{ tags: 'a', flags: '--tags=b' }, /tags: flags has -tags too/],
  ])('%j are refused', (values, message) => {
    expect(() => parse(values as unknown as Record<string, string>)).toThrow(message);
  });

  test('take build tags, and leave those behind -args to the tests', () => {
    const flags = '-count=1\n-args\n-tags=of-the-test';
    expect(parse({ tags: 'netgo\nsqlite', flags }).tags).toEqual(['netgo', 'sqlite']);
  });

  test('leave alone what comes behind -args', () => {
    expect(parse({ flags: '-count=1\n-args\nplain\n-json' }).flags).toHaveLength(4);
  });
});
