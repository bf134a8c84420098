import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import { ExecError, systemExec } from '../src/index.ts';

const node = process.execPath;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-exec-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function system(env: Record<string, string | undefined> = process.env, clock = systemClock) {
  const log = fakeLog();
  return { log, exec: systemExec({ log, env, clock }) };
}

async function failure(promise: Promise<unknown>): Promise<ExecError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ExecError);
  return error as ExecError;
}

describe('a child process', () => {
  test('gets its arguments as they are, whatever a shell would make of them', async () => {
    const args = ['$(id)', '`id`', '; rm -rf /', 'a b', '', '*', '"\'', '--flag\nline'];
    const { exec } = system();
    const { stdout } = await exec(node, [
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1)))',
      '--',
      ...args,
    ]);
    expect(JSON.parse(stdout)).toEqual(args);
  });

  test('gets the base environment, with what was added and without what was taken out', async () => {
    const { exec } = system({ PATH: process.env['PATH'], BASE: '1', GONE: '1' });
    const { stdout } = await exec('env', [], { addEnv: { ADDED: '2', GONE: undefined } });
    expect(stdout).toContain('BASE=1\n');
    expect(stdout).toContain('ADDED=2\n');
    expect(stdout).not.toContain('GONE');
  });

  test.each<[string, object, string[], string[]]>([
    ['by default', {}, ['AWS_ROLE', 'GITHUB_TOKEN', 'GIVEN'], ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']],
    [
      'when it logs in',
      { logsIn: true },
      ['AWS_ROLE', 'GITHUB_TOKEN', 'GIVEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
      [],
    ],
  ])('does not inherit what is the step’s alone, %s', async (_, options, kept, withheld) => {
    const env = {
      PATH: process.env['PATH'],
      INPUT_PASSWORD: '1',
      'INPUT_REGISTRY-PASSWORD': 'two\nlines',
      input_kubeconfig: '1',
      STATE_slipway: '1',
      ACTIONS_RUNTIME_TOKEN: '1',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: '1',
      GITHUB_TOKEN: '1',
      AWS_ROLE: '1',
    };
    const { exec } = system(env);
    for (const given of [{}, { env: { ...env, PATH: env.PATH ?? '' } }]) {
      const { stdout } = await exec('env', ['-0'], {
        ...options,
        ...given,
        addEnv: { GIVEN: '1' },
      });
      const names = stdout.split('\0').map((line) => line.slice(0, line.indexOf('=')));
      expect(names).toEqual(expect.arrayContaining(kept));
      const never = ['INPUT_PASSWORD', 'INPUT_REGISTRY-PASSWORD', 'input_kubeconfig'];
      for (const name of [...never, 'STATE_slipway', 'ACTIONS_RUNTIME_TOKEN', ...withheld])
        expect(names).not.toContain(name);
    }
  });

  test('reads its input, and one that does not read it harms nobody', async () => {
    const { exec } = system();
    const input = 'x'.repeat(1_000_000);
    expect((await exec('wc', ['-c'], { input })).stdout.trim()).toBe('1000000');
    await expect(exec('true', [], { input })).resolves.toMatchObject({ exitCode: 0 });
  });

  test('that fails is an error with its command, exit code and last words', async () => {
    const { exec } = system();
    const error = await failure(
      exec('sh', ['-c', 'echo one >&2; echo the cause >&2; exit 3'], { secrets: ['one'] }),
    );
    expect(error.message).toBe(
      'sh -c echo *** >&2; echo the cause >&2; exit 3 failed with exit code 3:\n***\nthe cause',
    );
    expect(error).toMatchObject({ exitCode: 3, timedOut: false });
  });

  test('may end with an exit code that its caller allows', async () => {
    const { exec } = system();
    await expect(exec('sh', ['-c', 'exit 2'], { allowExitCodes: [2] })).resolves.toMatchObject({
      exitCode: 2,
    });
  });

  test('that does not exist is an error that says where it was looked for', async () => {
    const { exec } = system();
    expect((await failure(exec('no-such-tool', []))).message).toBe(
      'no-such-tool could not be started: it was not found on this machine (no folder of PATH has it).',
    );
    expect((await failure(exec('/no/such-tool', []))).message).toContain('/no/such-tool');
    expect((await failure(exec('true', [], { cwd: '/no/such/folder' }))).message).toBe(
      'true could not be started: there is no folder /no/such/folder.',
    );
  });

  test('that the system cannot start is an error, not a crash', async () => {
    const file = path.join(folder, 'broken');
    await writeFile(file, '#!/no/such/interpreter\n');
    await chmod(file, 0o755);
    expect((await failure(system().exec(file, []))).message).toMatch(
      /^broken could not be started/,
    );
  });

  test('is not taken from the working folder', async () => {
    await writeFile(path.join(folder, 'helm-of-checkout'), '#!/bin/sh\necho pwned\n');
    await chmod(path.join(folder, 'helm-of-checkout'), 0o755);
    const { exec } = system({ PATH: `:.:${process.env['PATH'] ?? ''}` });
    expect((await failure(exec('helm-of-checkout', [], { cwd: folder }))).exitCode).toBeUndefined();
  });

  test('that prints more than it may is stopped', async () => {
    const { exec } = system();
    const error = await failure(exec('yes', [], { maxStdoutBytes: 100_000 }));
    expect(error.message).toBe('yes was stopped because it printed more than 100.0 kB.');
  });

  test('whose lines are read as they come may print without end, and nothing is kept', async () => {
    const { exec } = system();
    let lines = 0;
    const onStdout = (): void => void (lines += 1);
    const print = ['-c', 'yes | head -n 100000'];
    const options = { keepStdout: false, maxStdoutBytes: 1_000, onStdout };
    const { stdout } = await exec('sh', print, options);
    expect([stdout, lines]).toEqual(['', 100_000]);
  });

  test('quotes only the end of a long stderr', async () => {
    const { exec } = system();
    const error = await failure(
      exec('sh', [
        '-c',
        'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done >&2; exit 1',
      ]),
    );
    expect(error.stderr.length).toBeLessThanOrEqual(65_536);
    expect(error.stderr).toMatch(/^line \d+\n/);
    expect(error.message.split('\n').slice(1)).toHaveLength(12);
  });
});

describe('secrets', () => {
  test('are replaced in argv, lines, stderr and messages, in other forms too; stdout is data', async () => {
    const secret = 'p@ss/word with "quotes"';
    const base64 = Buffer.from(secret).toString('base64');
    const { exec, log } = system();
    const lines: string[] = [];
    const error = await failure(
      exec('sh', ['-c', 'echo "$0"; echo "$1"; echo "$0 $1" >&2; exit 1', secret, base64], {
        secrets: [secret],
        onStdout: (line) => lines.push(line),
        onStderr: (line) => lines.push(line),
      }),
    );
    const seen = [log.text(), error.message, error.stderr, ...lines].join('\n');
    expect(seen).toContain('***');
    expect(seen).not.toContain(secret);
    expect(seen).not.toContain(base64);
    expect(error.stdout).toBe(`${secret}\n${base64}\n`);
  });

  test('cut by the limit of what is kept of stderr do not show their rest', async () => {
    const secret = `begin-${'s'.repeat(1000)}-end`;
    const { exec } = system();
    const fill = 'x'.repeat(65_536 - 500);
    const error = await failure(
      exec('sh', ['-c', `echo "${secret}" >&2; echo "${fill}" >&2; exit 1`], { secrets: [secret] }),
    );
    expect(error.stderr).not.toContain('-end');
  });
});
