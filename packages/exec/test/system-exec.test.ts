import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@slipway/runtime';
import { fakeLog, steppedClock } from '@slipway/testing';
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

/** Whether a process runs; one that ended but was not reaped by its parent does not. */
async function runs(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/\) [ZX]/.test(status);
}

async function ends(pid: number): Promise<void> {
  while (await runs(pid)) await sleep(20);
}

async function fileText(file: string): Promise<string> {
  while (!existsSync(file) || (await readFile(file, 'utf8')) === '') await sleep(20);
  return readFile(file, 'utf8');
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

describe('a child that is stopped', () => {
  test('gets SIGTERM at its time limit and says so', async () => {
    const clock = steppedClock();
    const { exec } = system(process.env, clock);
    const error = await failure(
      exec('sh', ['-c', 'trap "echo got TERM; exit 9" TERM; echo up; sleep 60 & wait'], {
        timeoutMs: 300,
        onStdout: (line) => {
          if (line === 'up') void clock.advance(300);
        },
      }),
    );
    expect(error).toMatchObject({ timedOut: true, stdout: 'up\ngot TERM\n' });
    expect(error.message).toContain('was stopped after its limit of 300ms');
  });

  test('gets SIGINT when the job is cancelled, and the reason is what the caller sees', async () => {
    // Its time stands still: nothing is killed for being slow to listen.
    const { exec } = system(process.env, steppedClock());
    const controller = new AbortController();
    const lines: string[] = [];
    const reason = new Error('cancelled');
    // A shell's background processes do not hear SIGINT, so this one must not hold the pipes open.
    const script = 'trap "echo got INT; exit 9" INT; echo up; sleep 60 >/dev/null 2>&1 & wait';
    const run = exec('sh', ['-c', script], {
      signal: controller.signal,
      onStdout: (line) => {
        lines.push(line);
        if (line === 'up') controller.abort(reason);
      },
    });
    await expect(run).rejects.toBe(reason);
    expect(lines).toEqual(['up', 'got INT']);
  });

  test('is killed when it does not listen', async () => {
    const { exec } = system();
    const controller = new AbortController();
    const run = exec('sh', ['-c', 'trap "" INT TERM; echo up; while :; do sleep 1; done'], {
      signal: controller.signal,
      killGraceMs: 100,
      onStdout: () => controller.abort(new Error('cancelled')),
    });
    await expect(run).rejects.toThrow('cancelled');
  });

  test('is not started at all when the job is cancelled already', async () => {
    const { exec } = system();
    const marker = path.join(folder, 'started');
    await expect(
      exec('touch', [marker], { signal: AbortSignal.abort(new Error('cancelled')) }),
    ).rejects.toThrow('cancelled');
    expect(existsSync(marker)).toBe(false);
  });

  test('takes with it what it started, also what ignores the signal', async () => {
    const { exec } = system();
    const controller = new AbortController();
    let grandchild = 0;
    const run = exec(
      'sh',
      ['-c', 'sh -c \'trap "" INT TERM; echo $$; while :; do sleep 1; done\' & wait'],
      {
        signal: controller.signal,
        onStdout: (line) => {
          grandchild = Number(line);
          controller.abort(new Error('cancelled'));
        },
      },
    );
    await expect(run).rejects.toThrow('cancelled');
    await ends(grandchild);
    expect(grandchild).toBeGreaterThan(0);
  });
});

describe('what a child leaves behind', () => {
  test('does not hang us on its open pipes, and is ended', async () => {
    const { exec } = system();
    const { stdout } = await exec('sh', ['-c', 'sleep 300 & echo $!']);
    await ends(Number(stdout));
    expect(Number(stdout)).toBeGreaterThan(0);
  });

  test('does not hang us either when it left the process group', async () => {
    const { exec } = system();
    const file = path.join(folder, 'escaped');
    const leaves = `setsid sh -c 'echo $$ > ${file}; exec sleep 300' &`;
    // What is still in the group when its leader ends is ended with it.
    await exec('sh', ['-c', `${leaves} while ! [ -s ${file} ]; do sleep 0.02; done`]);
    const escaped = Number(await fileText(file));
    expect(await runs(escaped)).toBe(true);
    process.kill(escaped, 'SIGKILL');
  });

  test('is ended when this very process ends in the middle of it', async () => {
    const file = path.join(folder, 'orphan');
    const program = path.join(folder, 'ends-early.ts');
    const index = (name: string) => path.resolve(import.meta.dirname, '..', '..', name);
    await writeFile(
      program,
      `import { statSync } from 'node:fs';
      import { systemExec } from ${JSON.stringify(index('exec/src/index.ts'))};
      import { fakeLog } from ${JSON.stringify(index('testing/src/index.ts'))};
      const exec = systemExec({ log: fakeLog(), env: process.env });
      void exec('sh', ['-c', 'echo $$ > ${file}; sleep 300 & wait']);
      setInterval(() => statSync('${file}', { throwIfNoEntry: false })?.size && process.exit(0), 20);`,
    );
    await system().exec(node, ['--disable-warning=ExperimentalWarning', program]);
    const orphan = Number(await fileText(file));
    await ends(orphan);
    expect(orphan).toBeGreaterThan(0);
  });
});
