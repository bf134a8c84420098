import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runBundle } from '../src/index.ts';

let folder: string;
let scratch: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-harness-'));
  scratch = path.join(folder, 'scratch');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function program(name: string, source: string): Promise<string> {
  const file = path.join(folder, `${name}.mjs`);
  await writeFile(file, source);
  return file;
}

describe('runBundle', () => {
  test('hands over inputs as the runner does, dashes kept and names in upper case', async () => {
    const entry = await program(
      'inputs',
      `console.log(process.env['INPUT_GO-VERSION'], process.env.INPUT_TWO_WORDS, process.env.SECRET_OF_THE_TEST ?? 'clean');`,
    );
    process.env['SECRET_OF_THE_TEST'] = 'leak';
    const run = await runBundle({
      action: 'none',
      entry,
      inputs: { 'go-version': '1.26', 'two words': 'x' },
    });
    delete process.env['SECRET_OF_THE_TEST'];
    expect(run).toMatchObject({ exitCode: 0, stdout: '1.26 x clean\n' });
  });

  test('reads back outputs, state, variables, folders, summary, groups, masks and annotations', async () => {
    const entry = await program(
      'files',
      `import { appendFileSync as add } from 'node:fs';
      add(process.env.GITHUB_OUTPUT, 'one=1\\nmany<<D\\na=b\\nc\\nD\\nempty<<D\\nD\\n');
      add(process.env.GITHUB_STATE, 'kept<<D\\n{"a":1}\\nD\\n');
      add(process.env.GITHUB_ENV, 'A=B=C\\n');
      add(process.env.GITHUB_PATH, '/first\\n/second\\n');
      add(process.env.GITHUB_STEP_SUMMARY, '# Done');
      console.log('::add-mask::hunter2\\n::group::Build\\nit is hunter2\\n::endgroup::');
      console.error('::error title=T,file=a.go,line=3::bad%0Athing');
      process.exit(3);`,
    );
    expect(await runBundle({ action: 'none', entry })).toMatchObject({
      exitCode: 3,
      outputs: { one: '1', many: 'a=b\nc', empty: '' },
      state: { kept: '{"a":1}' },
      exportedEnv: { A: 'B=C' },
      path: ['/second', '/first'],
      summary: '# Done',
      groups: ['Build'],
      masks: ['hunter2'],
      annotations: [{ level: 'error', message: 'bad\nthing', title: 'T', file: 'a.go', line: 3 }],
      visible: '##[group]Build\nit is ***\n##[endgroup]\n##[error]bad\nthing',
    });
  });

  test('gives post the state, the variables and the temp folder of main', async () => {
    const entry = await program(
      'phases',
      `import { appendFileSync as add, writeFileSync } from 'node:fs';
      if (process.env.STATE_kept === undefined) {
        add(process.env.GITHUB_STATE, 'kept=yes\\n');
        add(process.env.GITHUB_ENV, 'A=B\\n');
        writeFileSync(process.env.RUNNER_TEMP + '/file', 'from main');
      } else console.log(process.env.STATE_kept, process.env.A);`,
    );
    const main = await runBundle({ action: 'none', entry, scratch });
    const post = await runBundle({ action: 'none', entry, scratch, phase: 'post', after: main });
    expect([post.stdout, await readFile(path.join(scratch, 'temp', 'file'), 'utf8')]).toEqual([
      'yes B\n',
      'from main',
    ]);
  });

  test('signals the program at the line that the test waits for', async () => {
    const entry = await program(
      'signals',
      `process.on('SIGINT', () => { console.log('interrupted'); process.exit(130); });
      setInterval(() => undefined, 1000);
      console.log('ready');`,
    );
    const run = await runBundle({
      action: 'none',
      entry,
      signals: [{ signal: 'SIGINT', afterLine: /^ready$/m }],
    });
    expect(run).toMatchObject({ exitCode: 130, stdout: 'ready\ninterrupted\n' });
    expect(run.sinceSignalMs).toBeLessThan(run.durationMs);
  });

  test('a bundle that was not built is an error that says how to build it', async () => {
    await expect(runBundle({ action: 'no-such-action' })).rejects.toThrow(
      'build it with: npm run build -- no-such-action',
    );
  });
});
