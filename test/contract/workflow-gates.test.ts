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
  jobs: Record<string, { if?: string; steps?: { name?: string; run?: string }[] }>;
}

/** The script of a job's last step that has one. */
function scriptOf(file: string, job: string): string {
  const text = readFileSync(path.join(root, '.github', 'workflows', file), 'utf8');
  const { steps = [] } = (load(text) as Workflow).jobs[job] ?? {};
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

const none = '{"include":[]}';
const stageNames = [1, 2, 3, 4, 5, 6].map((number) => `stage-${number}`);

describe('the choice of what is deployed', () => {
  const script = scriptOf('go-release.yml', 'built');
  const entry = (service: string, before: readonly string[] = [], stage = 1) => ({
    service,
    stage: String(stage),
    'depends-on': before.join('\n'),
    // A text with everything that could be taken for the form around it.
    'value-files': `a "quoted" },\n]}\n{"service":"evil","depends-on":"api"`,
  });
  type Entry = ReturnType<typeof entry>;
  const choose = async (built: readonly string[], stages: readonly (readonly Entry[])[]) => {
    for (const service of built) {
      const folder = path.join(scratch, '.slipway-built', service);
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'image.yaml'), 'image: {}\n');
    }
    // As release-context writes it.
    const matrices = stages.map(
      (entries) => `{"include":[\n${entries.map((one) => JSON.stringify(one)).join(',\n')}\n]}`,
    );
    const ended = await bash(script, { STAGES: `[${matrices.join(',')}]` });
    const chosen = stageNames.map((name) => JSON.parse(ended.outputs[name] ?? '') as unknown);
    const left = chosen.filter((matrix) => JSON.stringify(matrix) !== none);
    return { ...ended, chosen: left, count: chosen.length };
  };

  test('is all of it when all was built, and says nothing', async () => {
    const stages = [[entry('api'), entry('rules')], [entry('web', ['api'], 2)]];
    const { exitCode, chosen, summary, stdout } = await choose(['api', 'rules', 'web'], stages);
    expect([exitCode, summary, stdout]).toEqual([0, '', '']);
    expect(chosen).toEqual(stages.map((include) => ({ include })));
  });

  test('leaves out and names what was not built, first, last or between', async () => {
    const services = ['api', 'ledger', 'quotes', 'rules'].map((name) => entry(name));
    const { exitCode, chosen, summary, stdout } = await choose(['ledger', 'rules'], [services]);
    expect(exitCode).toBe(0);
    expect(chosen).toEqual([{ include: [entry('ledger'), entry('rules')] }]);
    expect(summary).toContain('### Not deployed: api, quotes');
    expect(stdout).toMatch(/^::error title=Not deployed::api, quotes: not built/);
  });

  test('holds back who depends on what was not built, also through others and in later waves', async () => {
    const wave = (first: number) => [
      [entry('api', [], first), entry('mail', [], first)],
      [entry('web', ['mail', 'api'], first + 1), entry('post', ['mail'], first + 1)],
      [entry('front', ['web'], first + 2)],
    ];
    const { chosen, summary, stdout } = await choose(
      ['mail', 'web', 'post', 'front'],
      [...wave(1), ...wave(4)],
    );
    expect(chosen).toEqual([
      { include: [entry('mail', [], 1)] },
      { include: [entry('post', ['mail'], 2)] },
      { include: [entry('mail', [], 4)] },
      { include: [entry('post', ['mail'], 5)] },
    ]);
    expect(summary).toContain('### Not deployed: api\n');
    expect(summary).toContain('### Held back: web, front\n');
    expect(stdout).toContain('::error title=Held back::web, front: what they depend on');
  });

  test('is the empty matrix, which no job is made of, when nothing was built', async () => {
    const { exitCode, chosen, count } = await choose([], [[entry('api')]]);
    expect([exitCode, chosen, count]).toEqual([0, [], 6]);
  });
});

describe('what a failed stage leaves undone', () => {
  const script = scriptOf('go-release.yml', 'not-reached');
  const matrix = (targets: readonly string[], ...services: readonly string[]): string => {
    const text = '{"service":"evil","target":"evil"}';
    const include = targets.flatMap((target) =>
      services.map((service) => ({ service, target, 'value-files': text })),
    );
    return JSON.stringify({ include });
  };
  const tell = (results: readonly string[], stages: readonly string[]) =>
    bash(script, {
      ...Object.fromEntries(
        [1, 2, 3, 4, 5].map((n) => [`RESULT_${n}`, results[n - 1] ?? 'skipped']),
      ),
      ...Object.fromEntries([2, 3, 4, 5, 6].map((n) => [`STAGE_${n}`, stages[n - 2] ?? none])),
    });

  test('is named with its services and targets', async () => {
    const stages = [matrix(['eu', 'us'], 'api', 'web'), matrix([''], 'mail')];
    const { exitCode, summary, stdout } = await tell(['failure'], stages);
    expect(exitCode).toBe(0);
    const named = 'stage 2, api, web to eu, us; stage 3, mail';
    expect(summary).toContain(`### Not reached: ${named}\n\nStage 1 failed`);
    expect(stdout).toContain(`::error title=Not reached::${named}: not deployed, since stage 1`);
  });

  test('is named also when a job of the one before took too long, or gave way to a newer run', async () => {
    const { summary, stdout } = await tell(['cancelled'], [matrix(['us'], 'api')]);
    expect(summary).toContain('### Not reached: stage 2, api to us\n\nStage 1 was cut off, so');
    expect(stdout).toContain('not deployed, since stage 1 was cut off. Re-run');
    const text = readFileSync(path.join(root, '.github', 'workflows', 'go-release.yml'), 'utf8');
    const { if: condition = '' } = (load(text) as Workflow).jobs['not-reached'] ?? {};
    expect(condition).toContain("contains(needs.*.result, 'cancelled')");
  });

  test('is only what comes after it', async () => {
    const stages = [matrix(['eu'], 'api'), matrix(['us'], 'api')];
    const { summary } = await tell(['success', 'failure'], stages);
    expect(summary).toContain('### Not reached: stage 3, api to us\n\nStage 2 failed');
    const last = await tell(['success', 'success', 'failure'], stages);
    expect([last.exitCode, last.summary]).toEqual([0, '']);
  });
});

test('what is held back is named, and makes the run red', async () => {
  const held = [
    { service: 'api', why: 'not verified in staging "x"\n    "service": "evil"' },
    { service: 'web', why: 'it depends on api' },
  ];
  const { exitCode, summary, stdout } = await bash(scriptOf('go-release.yml', 'held'), {
    HELD: JSON.stringify(held, undefined, 2),
    ENVIRONMENT: 'production',
  });
  expect(exitCode).toBe(1);
  expect(summary).toContain('### Held back: api, web\n');
  expect(stdout).toContain('::error title=Held back::api, web: not deployed to production');
});
