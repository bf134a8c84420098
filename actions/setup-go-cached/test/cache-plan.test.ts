import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { GoCacheState } from '@slipway/cache';
import { readRunnerEnvironment, type Run } from '@slipway/runtime';
import { fakeLog, inputValues } from '@slipway/testing';
import { planCaches, stateAtPost } from '../src/cache-plan.ts';
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

describe('what post saves', () => {
  const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: '/ws', RUNNER_TEMP: '/tmp' }, 'linux');
  const left = { job: 'test', privatePatterns: 'a.example.com', checksTools: true };
  const atPost = (env: Record<string, string>) =>
    stateAtPost({ runner, env }, left as unknown as GoCacheState);

  test('is what main left where no later step said otherwise', async () => {
    expect(await atPost({ GOENV: 'off' })).toEqual(left);
  });

  test('has no module that a later step made private, by a variable or by go env -w', async () => {
    const settings = path.join(workspace, 'go-env');
    await fs.writeFile(settings, 'GONOPROXY=c.example.com\nGOSUMDB=off\n');
    expect(await atPost({ GOENV: settings, GOPRIVATE: 'b.example.com' })).toEqual({
      ...{ job: 'test', checksTools: false },
      privatePatterns: 'a.example.com,b.example.com,c.example.com',
    });
  });
});
