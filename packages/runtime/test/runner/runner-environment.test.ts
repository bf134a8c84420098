import os from 'node:os';
import { expect, test } from '@jest/globals';
import { readRunnerEnvironment } from '../../src/index.ts';

test('empty variables count as absent ones', () => {
  expect(
    readRunnerEnvironment({
      GITHUB_WORKSPACE: '',
      RUNNER_TEMP: '',
      RUNNER_TOOL_CACHE: '',
      AGENT_TOOLSDIRECTORY: '/tools',
      GITHUB_RUN_ATTEMPT: '',
    }),
  ).toMatchObject({
    workspace: process.cwd(),
    tempDir: os.tmpdir(),
    toolCache: '/tools',
    runAttempt: '1',
    eventPath: undefined,
    serverUrl: 'https://github.com',
  });
});

test.each([
  ['freebsd', 'linux'],
  ['win32', 'win32'],
  ['darwin', 'darwin'],
] as const)('%s counts as %s', (platform, expected) => {
  expect(readRunnerEnvironment({}, platform).os).toBe(expected);
});
