import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseFileCommands } from '@slipway/testing';
import { load } from 'js-yaml';
import { root } from '../../tools/manifest.ts';

const run = promisify(execFile);

interface Workflow {
  jobs: Record<string, { steps: { name?: string; run?: string }[] }>;
}

/** The script of a job's last step that has one. */
function scriptOf(file: string, job: string): string {
  const text = readFileSync(path.join(root, '.github', 'workflows', file), 'utf8');
  const { steps } = (load(text) as Workflow).jobs[job] ?? { steps: [] };
  const script = steps.findLast((step) => step.run !== undefined)?.run;
  if (script === undefined) throw new Error(`${file}, job ${job}, has no script.`);
  return script;
}

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-script-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs a script as GitHub does with `shell: bash`. */
async function bash(script: string, env: Readonly<Record<string, string>>) {
  const files = { GITHUB_STEP_SUMMARY: 'summary', GITHUB_OUTPUT: 'output' };
  const paths = Object.entries(files).map(([name, file]) => [name, path.join(scratch, file)]);
  for (const [, file] of paths) writeFileSync(file ?? '', '');
  const options = {
    cwd: scratch,
    env: { PATH: process.env['PATH'] ?? '', ...Object.fromEntries(paths), ...env } as Record<
      string,
      string
    >,
  };
  const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script];
  const ended = await run('bash', args, options).then(
    ({ stdout }) => ({ exitCode: 0, stdout }),
    (error: unknown) => {
      const { code: exitCode, stdout } = error as { code: number; stdout: string };
      return { exitCode, stdout };
    },
  );
  const read = (file: string): string => readFileSync(path.join(scratch, file), 'utf8');
  return { ...ended, summary: read('summary'), outputs: parseFileCommands(read('output')) };
}

describe('the required check', () => {
  const script = scriptOf('go-check.yml', 'result');
  const judge = (plan: string, test: string, build: string, nothing: readonly string[] = []) =>
    bash(script, {
      PLAN: plan,
      TEST: test,
      BUILD: build,
      NOTHING_TO_TEST: String(nothing.includes('test')),
      NOTHING_TO_BUILD: String(nothing.includes('build')),
      SERVICES: '["api","worker"]',
      CLAIM: '{"tree":"of-the-plan"}',
    });

  test.each([
    ['success', 'success', 'success', []],
    ['success', 'skipped', 'skipped', ['test', 'build']],
    ['success', 'success', 'skipped', ['build']],
  ])(
    'is green when plan, test and build are %s, %s, %s and nothing is planned for %j',
    async (...given) => {
      const { exitCode, summary, stdout } = await judge(...given);
      expect([exitCode, stdout]).toEqual([0, '']);
      expect(summary).toContain('### Check: done');
    },
  );

  test.each([
    ['success', 'success', 'success', [], '{"tree":"of-the-plan"}'],
    ['success', 'success', 'skipped', ['build'], '{"tree":"of-the-plan"}'],
    ['success', 'skipped', 'skipped', ['test', 'build'], undefined],
    ['success', 'success', 'failure', [], undefined],
    ['success', 'failure', 'success', [], undefined],
  ])(
    'claims of %s, %s, %s with nothing planned for %j that the tree was tested: %s',
    async (plan, test, build, nothing, claimed) => {
      const { outputs } = await judge(plan, test, build, nothing);
      expect(outputs['tested']).toBe(claimed);
    },
  );

  test.each([
    [
      'success',
      'skipped',
      'success',
      [],
      'test was skipped, though the plan has something to test',
    ],
    ['success', 'skipped', 'skipped', ['build'], 'test was skipped'],
    ['success', 'success', 'skipped', ['test'], 'build was skipped, though'],
    ['success', 'failure', 'success', [], 'test ended as failure'],
    ['success', 'success', 'cancelled', [], 'build ended as cancelled'],
    ['success', 'failure', 'failure', [], 'test ended as failure; build ended as failure'],
    ['failure', 'skipped', 'skipped', [], 'plan ended as failure, so nothing is known'],
    ['skipped', 'skipped', 'skipped', ['test', 'build'], 'plan ended as skipped'],
  ])(
    'is red when they are %s, %s, %s and nothing is planned for %j: %s',
    async (plan, test, build, nothing, told) => {
      const { exitCode, summary, stdout } = await judge(plan, test, build, nothing);
      expect(exitCode).toBe(1);
      expect(summary).toContain('### Check: failed');
      expect(summary).toContain(told);
      expect(stdout).toContain(`::error title=Not checked::`);
      expect(stdout).toContain(told);
    },
  );
});

describe('the choice of what is deployed', () => {
  const script = scriptOf('go-release.yml', 'built');
  const entry = (service: string) => ({
    label: service,
    service,
    chart: `services/${service}/chart`,
    // A text with everything that could be taken for the form around it.
    'value-files': `a "quoted" } , {\n  }\n    "service": "evil",\n`,
  });
  const choose = (built: readonly string[], services: readonly string[]) => {
    for (const service of built) {
      const folder = path.join(scratch, '.slipway-built', service);
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'image.yaml'), 'image: {}\n');
    }
    // As toJSON of GitHub's expressions writes it.
    const DEPLOYMENTS = JSON.stringify(services.map(entry), undefined, 2);
    return bash(script, { DEPLOYMENTS });
  };
  const chosen = (outputs: Readonly<Record<string, string>>): unknown =>
    JSON.parse(outputs['deployments'] ?? '');

  test('is all of it when all was built, and says nothing', async () => {
    const { exitCode, outputs, summary, stdout } = await choose(['api', 'rules'], ['api', 'rules']);
    expect([exitCode, summary, stdout]).toEqual([0, '', '']);
    expect(chosen(outputs)).toEqual({ include: [entry('api'), entry('rules')] });
  });

  test('leaves out and names what was not built, first, last or between', async () => {
    const services = ['api', 'ledger', 'quotes', 'rules'];
    const { exitCode, outputs, summary, stdout } = await choose(['ledger', 'rules'], services);
    expect(exitCode).toBe(0);
    expect(chosen(outputs)).toEqual({ include: [entry('ledger'), entry('rules')] });
    expect(summary).toContain('### Not deployed: api, quotes');
    expect(stdout).toMatch(/^::error title=Not deployed::api, quotes: not built/);
  });

  test('is the empty matrix, which no job is made of, when nothing was built', async () => {
    const { exitCode, outputs } = await choose([], ['api']);
    expect(exitCode).toBe(0);
    expect(outputs['deployments']).toBe('{"include":[]}');
  });
});
