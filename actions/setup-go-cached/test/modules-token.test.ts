import { expect, test } from '@jest/globals';
import { readRunnerEnvironment } from '@slipway/runtime';
import { inputValues } from '@slipway/testing';
import { parseInputs } from '../src/inputs.ts';

const netrcOf = (inputs: Readonly<Record<string, string>>, server = 'https://github.com') =>
  parseInputs(
    inputValues(inputs),
    readRunnerEnvironment({ GITHUB_WORKSPACE: '/ws', GITHUB_SERVER_URL: server }, 'linux'),
  ).netrc;

test('a token is a line of the .netrc for the server of the job, before the lines of the caller', () => {
  expect(netrcOf({ 'modules-token': 'ghs_one' })).toBe(
    'machine github.com login x-access-token password ghs_one',
  );
  const netrc = 'machine goproxy.example login ci password two';
  expect(netrcOf({ 'modules-token': 'ghs_one', netrc }, 'https://git.example:8443')).toBe(
    `machine git.example login x-access-token password ghs_one\n${netrc}`,
  );
  expect(netrcOf({ netrc })).toBe(netrc);
});

test('what is no token is refused', () => {
  expect(() => netrcOf({ 'modules-token': 'two words' })).toThrow(/modules-token: has blanks/);
});
