import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { initScratchGit, type ScratchGit } from '../fixtures/scratch-git.ts';
import { writeFiles } from '../fixtures/shop-edits.ts';
import { ensureAct } from '../lab/build/act.ts';
import { cacheFolder } from '../lab/places/cache-folder.ts';
import { runWorkflow, type LocalRunner } from './local-runner.ts';
import { prepareRunner } from './runner-environment.ts';
import { copySlipway } from './slipway-copy.ts';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-act-caches-'));
let runner: LocalRunner;
let git: ScratchGit;

const workflow = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: OWNER/slipway/actions/setup-go-cached@v1
      - run: go build -o program .
`;

beforeAll(async () => {
  await ensureBundles(['setup-go-cached']);
  const cache = cacheFolder(process.env, os.homedir());
  const slipway = copySlipway(path.join(scratch, 'slipway'));
  runner = await prepareRunner({ act: await ensureAct(cache, process.env), slipway, cache });
  git = await initScratchGit(path.join(scratch, 'buoy'));
  await writeFiles({
    'go.mod': 'module example.com/buoy\n\ngo 1.22\n',
    'main.go': 'package main\n\nfunc main() { println("hello") }\n',
    '.github/workflows/build.yml': workflow,
  })(git.dir);
  await git.git('remote', 'add', 'origin', 'https://github.com/acme/buoy.git');
  await git.commit('Begin');
}, 600_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A run on a machine that kept no build results; returns what its summaries tell. */
async function run(name: string): Promise<string> {
  const env = { ...runner.env, GOCACHE: path.join(scratch, name, 'go-build') };
  const { exitCode, jobs, complaints } = await runWorkflow(
    { ...runner, env },
    {
      ...{ repository: git.dir, workflow: 'build.yml', scratch: path.join(scratch, name) },
      event: { name: 'push', payload: { ref: 'refs/heads/main' } },
      cacheServer: path.join(scratch, 'cache'),
    },
  );
  expect({ exitCode, complaints }).toMatchObject({ exitCode: 0 });
  return jobs.flatMap(({ steps }) => steps.map(({ summary }) => summary)).join('');
}

test('setup-go-cached saves to and restores from the cache service of act, which has version 1', async () => {
  expect(await run('first')).toMatch(/build cache \|.*saved \d+ files/);
  expect(await run('second')).toMatch(/build cache \|.*newest entries restored, \d+ files/);
}, 300_000);
