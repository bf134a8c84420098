import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { root } from '../../tools/manifest.ts';
import { readArtifacts } from '../demo/artifact-facts.ts';
import { plainJobName } from '../demo/checks.ts';
import { documentedBlock, withLines } from '../fixtures/documented-block.ts';
import { lighthouse } from '../fixtures/lighthouse.ts';
import { initScratchGit, type ScratchGit } from '../fixtures/scratch-git.ts';
import { shipyard } from '../fixtures/shipyard.ts';
import { writeFiles } from '../fixtures/shop-edits.ts';
import { ensureAct } from '../lab/build/act.ts';
import { cacheFolder } from '../lab/places/cache-folder.ts';
import { runWorkflow, type LocalRunner, type WorkflowRun } from './local-runner.ts';
import { prepareRunner } from './runner-environment.ts';
import { copySlipway } from './slipway-copy.ts';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-samples-'));
let runner: LocalRunner;
let runs = 0;

beforeAll(async () => {
  await ensureBundles(['release-context', 'setup-go-cached', 'go-test', 'go-cross-build']);
  const cache = cacheFolder(process.env, os.homedir());
  runner = await prepareRunner({
    act: await ensureAct(cache, process.env),
    slipway: copySlipway(path.join(scratch, 'slipway')),
    cache,
  });
}, 600_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A repository with these files in its first commit. Nothing is pushed to a registry, and so nothing deployed. */
async function makeRepository(
  name: string,
  files: Readonly<Record<string, string>>,
  workflows: { check: string; release: string; registryLine: string },
): Promise<ScratchGit> {
  const git = await initScratchGit(path.join(scratch, name));
  await writeFiles(files)(git.dir);
  await writeFiles({
    '.github/workflows/check.yml': workflows.check,
    '.github/workflows/release.yml': withLines(workflows.release, workflows.registryLine, [
      "registry: ''",
    ]),
  })(git.dir);
  await git.git('remote', 'add', 'origin', `https://github.com/acme/${name}.git`);
  await git.commit('Begin');
  return git;
}

async function run(
  git: ScratchGit,
  workflow: string,
  event: { name: string; payload: Readonly<Record<string, unknown>> },
): Promise<WorkflowRun> {
  runs += 1;
  const name = path.basename(git.dir);
  const repository = {
    full_name: `acme/${name}`,
    name,
    default_branch: 'main',
    owner: { login: 'acme' },
  };
  return await runWorkflow(runner, {
    repository: git.dir,
    workflow,
    event: { name: event.name, payload: Object.assign({ repository }, event.payload) },
    scratch: path.join(scratch, `run-${runs}`),
  });
}

/** Checks a pull request of one commit that writes these files, on top of the first commit. */
async function pullRequest(
  git: ScratchGit,
  edit: Readonly<Record<string, string>>,
): Promise<WorkflowRun> {
  const base = await git.git('rev-parse', 'main');
  await git.git('switch', '--quiet', '--force-create', 'change', base);
  await writeFiles(edit)(git.dir);
  const head = { sha: await git.commit('Change something'), ref: 'change' };
  const change = { number: 7, head, base: { sha: base, ref: 'main' } };
  return await run(git, 'check.yml', {
    name: 'pull_request',
    payload: { number: 7, pull_request: change },
  });
}

const results = ({ jobs }: WorkflowRun): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(jobs.map(({ name, result }) => [plainJobName(name), result]));
const told = ({ jobs }: WorkflowRun): string =>
  jobs.flatMap(({ steps }) => steps.map(({ summary }) => summary)).join('');

describe('one service at the root, with the workflows of its page', () => {
  const page = 'docs/service-at-the-root.md';
  let git: ScratchGit;

  beforeAll(async () => {
    git = await makeRepository('lighthouse', lighthouse, {
      check: documentedBlock(page, 'yaml', 'go-check.yml'),
      release: documentedBlock(page, 'yaml', 'go-release.yml'),
      registryLine: 'registry: ghcr.io/acme',
    });
  });

  it('is checked by the name of its module, and is red when a library of it fails its test', async () => {
    const checked = await pullRequest(git, {
      'main.go': `${lighthouse['main.go'] ?? ''}\n// More.\n`,
    });
    expect(results(checked)).toEqual({
      Plan: 'success',
      'Test root': 'success',
      'Build lighthouse': 'success',
      Checked: 'success',
    });
    const dark = await pullRequest(git, {
      'internal/lamp/lamp.go': 'package lamp\n\nfunc Colour() string { return "" }\n',
    });
    expect(results(dark)).toMatchObject({ 'Test root': 'failure', Checked: 'failure' });
    expect(told(dark)).toContain('TestColour');
  }, 600_000);

  it('is built with the version of its tag', async () => {
    await git.git('switch', '--quiet', 'main');
    const released = await run(git, 'release.yml', {
      name: 'push',
      payload: {
        ref: 'refs/tags/v1.4.0',
        before: '0'.repeat(40),
        after: await git.git('rev-parse', 'HEAD'),
      },
    });
    expect(results(released)).toEqual({
      Plan: 'success',
      'Test root': 'success',
      'Build lighthouse': 'success',
    });
    expect([...readArtifacts(released.artifacts).keys()]).toEqual(['slipway-lighthouse']);
    const image = path.join(released.artifacts, 'slipway-lighthouse', 'image.yaml');
    expect(readFileSync(image, 'utf8')).toContain("tag: '1.4.0'");
  }, 600_000);

  it('takes the name that the slipway.yml of the page gives it', async () => {
    const checked = await pullRequest(git, {
      'slipway.yml': documentedBlock(page, 'yaml', 'name: beacon'),
    });
    expect(results(checked)).toMatchObject({ 'Build beacon': 'success', Checked: 'success' });
  }, 600_000);
});

describe('a go.work of five modules without one at the root', () => {
  const copied = (name: string): string =>
    readFileSync(path.join(root, 'docs', 'service-repository', name), 'utf8');
  let git: ScratchGit;

  beforeAll(async () => {
    git = await makeRepository('shipyard', shipyard, {
      check: copied('check.yml'),
      release: copied('release.yml'),
      registryLine: 'registry: ghcr.io/acme',
    });
  });

  it('is tested module by module where a change reaches, over a module that no proxy knows', async () => {
    const checked = await pullRequest(git, {
      'libs/kit/kit.go': 'package kit\n\nfunc Motto() string { return "following seas" }\n',
    });
    expect(results(checked)).toEqual({
      Plan: 'success',
      'Test libs-kit': 'success',
      'Test services-dock': 'success',
      'Build dock': 'success',
      Checked: 'success',
    });
  }, 600_000);

  it('is red when a library breaks, though no service is asked to build it', async () => {
    const checked = await pullRequest(git, {
      'libs/hull/hull.go': 'package hull\n\nfunc Planks() int { return 0 }\n',
    });
    expect(results(checked)).toMatchObject({ 'Test libs-hull': 'failure', Checked: 'failure' });
    expect(checked.exitCode).not.toBe(0);
  }, 600_000);

  it('has the module beside its workspace tested on its own', async () => {
    const checked = await pullRequest(git, {
      'tools/saw/saw.go': 'package saw\n\nfunc Teeth() int { return 12 * 2 }\n',
    });
    expect(results(checked)).toEqual({
      Plan: 'success',
      'Test tools-saw': 'success',
      Checked: 'success',
    });
  }, 600_000);

  it('releases the services that a push concerns, each from its own module', async () => {
    const before = await git.git('rev-parse', 'main');
    await git.git('switch', '--quiet', 'main');
    await writeFiles({
      'libs/hull/hull.go': 'package hull\n\nfunc Planks() int { return 41 }\n',
      'services/yard/main.go': `${shipyard['services/yard/main.go'] ?? ''}\n// More.\n`,
    })(git.dir);
    const after = await git.commit('More planks');
    const payload = { ref: 'refs/heads/main', before, after };
    const released = await run(git, 'release.yml', { name: 'push', payload });
    expect(results(released)).toEqual({
      Plan: 'success',
      'Test libs-hull': 'success',
      'Test services-rig': 'success',
      'Test services-yard': 'success',
      'Build rig': 'success',
      'Build yard': 'success',
    });
    const artifacts = readArtifacts(released.artifacts);
    expect([...artifacts.keys()].sort()).toEqual(['slipway-rig', 'slipway-yard']);
    expect(artifacts.get('slipway-rig')).toMatchObject({ wrong: [] });
  }, 600_000);
});
