import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testsNames } from '@slipway/release';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { readArtifacts } from '../demo/artifact-facts.ts';
import { plainJobName } from '../demo/checks.ts';
import { writeFiles } from '../fixtures/shop-edits.ts';
import { ensureAct } from '../lab/build/act.ts';
import { cacheFolder } from '../lab/places/cache-folder.ts';
import { runWorkflow, type LocalRunner, type WorkflowRun } from './local-runner.ts';
import { prepareRunner } from './runner-environment.ts';
import { makeScratchService } from './scratch-service.ts';
import { copySlipway, withoutSelfReferences } from './slipway-copy.ts';

const repository = {
  full_name: 'acme/harbour',
  name: 'harbour',
  default_branch: 'main',
  owner: { login: 'acme' },
};

const results = (run: WorkflowRun): Record<string, string | undefined> =>
  Object.fromEntries(run.jobs.map(({ name, result }) => [plainJobName(name), result]));
const summaries = (run: WorkflowRun): string =>
  run.jobs.flatMap(({ steps }) => steps.map(({ summary }) => summary)).join('');

describe('the workflows, called from a service repository,', () => {
  let scratch: string;
  let runner: LocalRunner;
  let service: Awaited<ReturnType<typeof makeScratchService>>;
  let base: string;
  let runs = 0;

  beforeAll(async () => {
    scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-workflows-'));
    await ensureBundles(['release-context', 'setup-go-cached', 'go-test', 'go-cross-build']);
    const cache = cacheFolder(process.env, os.homedir());
    runner = await prepareRunner({
      act: await ensureAct(cache, process.env),
      slipway: copySlipway(path.join(scratch, 'slipway')),
      cache,
    });
    service = await makeScratchService(path.join(scratch, 'service'));
    base = await service.git.git('rev-parse', 'HEAD');
  }, 600_000);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  async function run(
    workflow: string,
    { name, payload }: { name: string; payload: unknown },
    variables: Readonly<Record<string, string>> = {},
  ): Promise<WorkflowRun> {
    runs += 1;
    return await runWorkflow(runner, {
      repository: service.git.dir,
      workflow,
      event: { name, payload },
      variables,
      scratch: path.join(scratch, `run-${runs}`),
    });
  }

  async function pullRequest(
    edit: Readonly<Record<string, string>>,
    workflow = 'check.yml',
  ): Promise<WorkflowRun> {
    await service.git.git('switch', '--quiet', '--force-create', 'change', base);
    const head = await service.commit(edit);
    const pull = {
      number: 7,
      head: { sha: head, ref: 'change' },
      base: { sha: base, ref: 'main' },
    };
    const payload = { number: 7, pull_request: pull, repository };
    return await run(workflow, { name: 'pull_request', payload });
  }

  async function push(
    ref: string,
    before: string,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<WorkflowRun> {
    const after = await service.git.git('rev-parse', 'HEAD');
    const payload = { ref, before, after, repository };
    return await run('release.yml', { name: 'push', payload }, variables);
  }

  it('check a pull request and build only the services that it concerns', async () => {
    const checked = await pullRequest({
      'internal/tide/tide.go': 'package tide\n\n// Hours between two tides.\nconst Hours = 7\n',
    });
    expect(results(checked)).toEqual({
      Plan: 'success',
      'Test root': 'success',
      'Build buoy': 'success',
      Checked: 'success',
    });
    expect(summaries(checked)).toContain('| packages that passed | 1 |');
    expect(summaries(checked)).toContain('### Check: done');
  }, 600_000);

  it('check each target in a job of its own when told so', async () => {
    const check = readFileSync(path.join(service.git.dir, '.github/workflows/check.yml'), 'utf8');
    const workflow = check.replace(
      /^( *)services: .*$/m,
      '$&\n$1matrix-by: target\n$1targets: |\n$1  linux/amd64\n$1  windows/arm64',
    );
    const checked = await pullRequest(
      { '.github/workflows/targets.yml': workflow, 'services/crane/hook.go': 'package main\n' },
      'targets.yml',
    );
    expect(results(checked)).toEqual({
      Plan: 'success',
      'Test root': 'success',
      'Build crane-linux-amd64': 'success',
      'Build crane-windows-arm64': 'success',
      Checked: 'success',
    });
  }, 600_000);

  it('have nothing to build when only documentation changed, and the required check still reports', async () => {
    const checked = await pullRequest({ 'README.md': 'Two small services, and a lighthouse.\n' });
    expect(results(checked)).toEqual({ Plan: 'success', Checked: 'success' });
    expect(checked.exitCode).toBe(0);
  }, 600_000);

  it('fail the check with the test that failed, whose output stays text', async () => {
    const checked = await pullRequest({
      'internal/tide/tide.go': 'package tide\n\n// Hours between two tides.\nconst Hours = 5\n',
    });
    expect(results(checked)).toMatchObject({ 'Test root': 'failure', Checked: 'failure' });
    expect(checked.exitCode).not.toBe(0);
    const told = summaries(checked);
    expect(told).toContain('| packages that failed | 1 |');
    expect(told).toContain('&lt;/pre&gt;&lt;b&gt;too short&lt;/b&gt;');
    expect(told).toContain('**Cause:** test ended as failure');
    expect(told).not.toContain('<b>');
  }, 600_000);

  it('build what a push concerns, and keep it with checksums for later jobs', async () => {
    await service.git.git('switch', '--quiet', '--force-create', 'main', base);
    await service.commit({ 'services/crane/hook.go': 'package main\n' });
    const released = await push('refs/heads/main', base);
    expect(results(released)).toEqual({
      Plan: 'success',
      'Test root': 'success',
      'Build crane': 'success',
    });
    const artifacts = readArtifacts(released.artifacts);
    expect([...artifacts.keys()]).toEqual(['slipway-crane']);
    expect(artifacts.get('slipway-crane')).toMatchObject({ wrong: [] });
    expect(readdirSync(path.join(released.artifacts, 'slipway-crane'))).toContain('image.yaml');
  }, 600_000);

  it('build nothing of a push whose tests fail, unless it is tested elsewhere', async () => {
    await service.git.git('switch', '--quiet', '--force-create', 'main', base);
    await service.commit({
      'internal/tide/tide.go': 'package tide\n\n// Hours between two tides.\nconst Hours = 5\n',
    });
    const untested = await push('refs/heads/main', base);
    expect(results(untested)).toEqual({ Plan: 'success', 'Test root': 'failure' });
    expect(untested.exitCode).not.toBe(0);

    const release = readFileSync(
      path.join(service.git.dir, '.github/workflows/release.yml'),
      'utf8',
    );
    await service.commit({
      '.github/workflows/release.yml': release.replace(/^( *)services: .*$/m, '$&\n$1tests: skip'),
    });
    const elsewhere = await push('refs/heads/main', base);
    expect(results(elsewhere)).toEqual({ Plan: 'success', 'Build buoy': 'success' });
  }, 600_000);

  it('build a tree whose tests passed before without running them again, and say so', async () => {
    await service.git.git('switch', '--quiet', '--force-create', 'main', base);
    const release = readFileSync(
      path.join(service.git.dir, '.github/workflows/release.yml'),
      'utf8',
    );
    const asked = release.replace(/^( *)services: .*$/m, '$&\n$1tested: ${{ vars.TESTED }}');
    await service.commit({
      '.github/workflows/release.yml': asked,
      'services/crane/hook.go': 'package main\n',
    });
    const tree = await service.git.git('rev-parse', 'HEAD^{tree}');
    const { all } = testsNames([], { every: [], settings: '' });
    const passed = { tree, tests: all, run: 'https://github.com/acme/harbour/actions/runs/7' };
    const released = await push('refs/heads/main', base, { TESTED: JSON.stringify(passed) });
    expect(results(released)).toEqual({ Plan: 'success', 'Build crane': 'success' });
    expect(summaries(released)).toMatch(/not run again, since this tree passed them before/);

    const elsewhere = { tree: '1'.repeat(40), tests: all, run: '' };
    const untested = await push('refs/heads/main', base, { TESTED: JSON.stringify(elsewhere) });
    expect(results(untested)).toMatchObject({ 'Test root': 'success', 'Build crane': 'success' });
  }, 600_000);

  it('test a module beside the root’s, and are red when it fails', async () => {
    const checked = await pullRequest({
      'libs/shared/go.mod': 'module example.com/shared\n\ngo 1.26\n',
      'libs/shared/shared.go': 'package shared\n',
      'libs/shared/shared_test.go':
        'package shared\n\nimport "testing"\n\nfunc TestShared(t *testing.T) { t.Fatal("broken") }\n',
    });
    expect(results(checked)).toMatchObject({
      'Test libs-shared': 'failure',
      Checked: 'failure',
    });
    expect(summaries(checked)).toContain('TestShared in example.com/shared failed');
  }, 600_000);

  it('build in two calls of one run, which keep apart what they leave', async () => {
    await service.git.git('switch', '--quiet', '--force-create', 'main', base);
    const release = readFileSync(
      path.join(service.git.dir, '.github/workflows/release.yml'),
      'utf8',
    );
    const [head = '', job = ''] = release.split(/^ {2}release:\n/m);
    const called = (name: string): string =>
      `  ${name}:\n${job.replace(/^( *)services: .*$/m, `$&\n$1name: ${name}`)}`;
    await service.commit({
      '.github/workflows/release.yml': `${head}${called('eu')}${called('us')}`,
      'services/crane/hook.go': 'package main\n',
    });
    const released = await push('refs/heads/main', base);
    expect(released.exitCode).toBe(0);
    const artifacts = readArtifacts(released.artifacts);
    expect([...artifacts.keys()].sort()).toEqual(['slipway-eu.crane', 'slipway-us.crane']);
  }, 600_000);

  it('build every service for a tag, with its version', async () => {
    await service.git.git('switch', '--quiet', '--force-create', 'main', base);
    const released = await push('refs/tags/v1.2.3', '0'.repeat(40));
    expect(results(released)).toEqual({
      Plan: 'success',
      'Test root': 'success',
      'Build buoy': 'success',
      'Build crane': 'success',
    });
    const values = path.join(released.artifacts, 'slipway-buoy', 'image.yaml');
    expect(readFileSync(values, 'utf8')).toContain("tag: '1.2.3'");
  }, 600_000);

  it('stop in the plan for a tag that is no release, and say how releases are tagged', async () => {
    const released = await push('refs/tags/v1.2.3;echo$(id)', '0'.repeat(40));
    expect(results(released)).toEqual({ Plan: 'failure' });
    expect(summaries(released)).toContain('is not a release tag');
    expect(summaries(released)).toMatch(/\*\*Next:\*\* Tag releases as v1\.2\.3/);
  }, 600_000);

  it('compose setup and build of one service in the root action, and surface the outputs', async () => {
    await service.git.git('switch', '--quiet', '--force-create', 'composite', base);
    await writeFiles({
      '.github/workflows/one.yml': `on: push
jobs:
  one:
    runs-on: ubuntu-latest
    outputs:
      go: \${{ steps.slipway.outputs.go-version }}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: OWNER/slipway@v1
        id: slipway
        with:
          package: ./services/crane
          version: 4.5.6
      - run: 'echo "go=$GO verdict=$VERDICT checksums=$(basename "$CHECKSUMS")" && dist/*/crane || find dist'
        env:
          GO: \${{ steps.slipway.outputs.go-version }}
          VERDICT: \${{ steps.slipway.outputs.verdict }}
          CHECKSUMS: \${{ steps.slipway.outputs.checksums }}
`,
    })(service.git.dir);
    await service.git.commit('Use the root action');
    const one = await run('one.yml', {
      name: 'push',
      payload: { ref: 'refs/heads/composite', repository },
    });
    expect(one.exitCode).toBe(0);
    const lines = one.jobs.flatMap(({ steps }) => steps.flatMap((step) => step.lines));
    expect(lines).toContainEqual(
      expect.stringMatching(/^go=1\.\d+\S* verdict= checksums=checksums\.txt$/),
    );
  }, 600_000);
});

describe('the scratch copy of this repository', () => {
  it('differs from it in the prefix $/ of uses: lines only', () => {
    const yaml =
      "      - uses: $/actions/x\n        run: sed -e 's/^$/ /' # uses: no\n        uses: $/a\n";
    expect(withoutSelfReferences(yaml)).toBe(
      "      - uses: OWNER/slipway/actions/x@v1\n        run: sed -e 's/^$/ /' # uses: no\n        uses: OWNER/slipway/a@v1\n",
    );
  });
});
