import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readRunnerEnvironment, type Run } from '@slipway/runtime';
import { fakeLog, inputValues } from '@slipway/testing';
import { planCaches } from '../src/cache-plan.ts';
import { parseInputs } from '../src/inputs.ts';
import { withPatterns } from '../src/private-modules.ts';

let workspace: string;
beforeEach(async () => {
  workspace = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-plan-'));
});
afterEach(() => fs.rm(workspace, { recursive: true, force: true }));

/** The plan of a job with this environment, on a machine with these settings of `go env -w`. */
async function planOf(env: Record<string, string>, settings: Record<string, string>) {
  const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: workspace, RUNNER_TEMP: workspace });
  const run = { runner, env, log: fakeLog() } as unknown as Run;
  const toolchain = { goVersion: '1.26.8', architecture: 'amd64' };
  const folders = { goPath: '/go', moduleCache: '/go/pkg/mod', buildCache: '/go-build' };
  return await planCaches(run, parseInputs(inputValues({}), runner), toolchain, folders, settings);
}

test('an empty variable hides nothing that go env -w says, as for the go command', async () => {
  const settings = { GOPRIVATE: 'corp.example.com', GOSUMDB: 'off', GOFLAGS: '-tags=corp' };
  const plan = await planOf({ GOPRIVATE: '', GOSUMDB: '', GOFLAGS: '' }, settings);
  expect(plan).toMatchObject({ privatePatterns: 'corp.example.com', checksTools: false });
  expect(plan.build.settings).toMatchObject({ GOFLAGS: '-tags=corp' });
  expect(withPatterns(['github.com/acme'], { GOPRIVATE: '' }, settings)['GOPRIVATE']).toBe(
    'corp.example.com,github.com/acme',
  );
});

test('a variable with a value goes before what go env -w says', async () => {
  const plan = await planOf({ GOPRIVATE: 'one.example.com' }, { GOPRIVATE: 'two.example.com' });
  expect(plan.privatePatterns).toBe('one.example.com');
});
