import { expect, test } from '@jest/globals';
import { inputValues } from '@slipway/testing';
import { readRunnerEnvironment } from '@slipway/runtime';
import { parseInputs } from '../src/inputs.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const runner = readRunnerEnvironment({ GITHUB_SHA: commit });
const given = { status: 'success', environment: 'staging', service: 'api', version: '1.4.0' };
const parse = (inputs: Readonly<Record<string, string>>) =>
  parseInputs(inputValues({ ...given, ...inputs }), runner);

test('what is not given is the commit of the job, and the release of the service', () => {
  expect(parse({})).toMatchObject({
    deployment: undefined,
    version: { commit, release: 'api', namespace: '', digest: '', target: '' },
  });
});

test('a digest may have the name of its image before it', () => {
  const digest = `sha256:${'c'.repeat(64)}`;
  expect(parse({ digest: `ghcr.io/acme/api@${digest}` }).version.digest).toBe(digest);
});

test.each([
  { input: 'status', value: 'done', says: 'in-progress, success, failure, cancelled' },
  { input: 'deployment', value: '../1', says: 'the output deployment of the step before' },
  { input: 'environment', value: '', says: 'a value is required' },
  { input: 'environment', value: 'stag\u001bing', says: 'the name of an environment' },
  { input: 'service', value: 'My Service', says: 'not of the form that is recorded' },
  { input: 'version', value: '1.4.0\n::error::', says: 'not of the form that is recorded' },
  { input: 'commit', value: 'main', says: 'not of the form that is recorded' },
  { input: 'digest', value: 'latest', says: 'not of the form that is recorded' },
  { input: 'release', value: '-api --all', says: 'not of the form that is recorded' },
  { input: 'namespace', value: 'a/b', says: 'not of the form that is recorded' },
  { input: 'target', value: 'EU west', says: 'not of the form that is recorded' },
  { input: 'environment-url', value: 'javascript:alert(1)', says: 'an http(s) address' },
])('$input: $value is refused', ({ input, value, says }) => {
  expect(() => parse({ [input]: value })).toThrow(`${input}: `);
  expect(() => parse({ [input]: value })).toThrow(says);
});
