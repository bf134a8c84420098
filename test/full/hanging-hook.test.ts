import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openHarbour, resultsOf, type Harbour } from '../workflows/harbour.ts';

let harbour: Harbour;
beforeAll(async () => {
  harbour = await openHarbour();
}, 600_000);
afterAll(() => harbour.close());

const hook = `name: before-build
description: Waits for what never comes.
inputs:
  environment: { required: true }
  service: { required: true }
  namespace: { required: true }
runs:
  using: composite
  steps:
    - shell: bash
      run: exec sleep infinity
`;

// The shortest limit that GitHub has is a minute, and so is this test.
test('a hook that hangs fails its service when its time is over', async () => {
  const release = harbour
    .workflow('release.yml')
    .replace(/^( *)services: .*$/m, '$&\n$1hook-timeout-minutes: 1');
  const edit = {
    '.github/workflows/release.yml': release,
    '.github/slipway/before-build/action.yml': hook,
    'services/crane/hook.go': 'package main\n',
  };
  const released = await harbour.push(edit, 'release.yml');
  expect(resultsOf(released)).toMatchObject({ 'Test root': 'success', 'Build crane': 'failure' });
  const build = released.jobs.find(({ name }) => name.startsWith('Build crane'));
  const failed = build?.steps.filter(({ result }) => result === 'failure');
  // The step of the workflow and that of the hook in it, which has its name here.
  expect([...new Set(failed?.map(({ name }) => name))]).toEqual(['Hook before-build']);
}, 900_000);
