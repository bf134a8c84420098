import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

const system = (clock = systemClock) => systemExec({ log: fakeLog(), env: process.env, clock });

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

describe('a child that is stopped', () => {
  test('gets SIGTERM at its time limit and says so', async () => {
    const clock = steppedClock();
    const exec = system(clock);
    const run = exec('sh', ['-c', 'trap "echo got TERM; exit 9" TERM; echo up; sleep 60 & wait'], {
      timeoutMs: 300,
      onStdout: (line) => {
        if (line === 'up') void clock.advance(300);
      },
    });
    const error = await run.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ExecError);
    expect(error).toMatchObject({
      timedOut: true,
      stdout: 'up\ngot TERM\n',
      message: expect.stringContaining('was stopped after its limit of 300ms'),
    });
  });

  test('gets SIGINT when the job is cancelled, and the reason is what the caller sees', async () => {
    // Its time stands still: nothing is killed for being slow to listen.
    const exec = system(steppedClock());
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
    const exec = system();
    const controller = new AbortController();
    const run = exec('sh', ['-c', 'trap "" INT TERM; echo up; while :; do sleep 1; done'], {
      signal: controller.signal,
      killGraceMs: 100,
      onStdout: () => controller.abort(new Error('cancelled')),
    });
    await expect(run).rejects.toThrow('cancelled');
  });

  test('is not started at all when the job is cancelled already', async () => {
    const exec = system();
    const marker = path.join(folder, 'started');
    await expect(
      exec('touch', [marker], { signal: AbortSignal.abort(new Error('cancelled')) }),
    ).rejects.toThrow('cancelled');
    expect(existsSync(marker)).toBe(false);
  });

  test('takes with it what it started, also what ignores the signal', async () => {
    const exec = system();
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
    const exec = system();
    const { stdout } = await exec('sh', ['-c', 'sleep 300 & echo $!']);
    await ends(Number(stdout));
    expect(Number(stdout)).toBeGreaterThan(0);
  });

  test('does not hang us either when it left the process group', async () => {
    const exec = system();
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
    await system()(node, ['--disable-warning=ExperimentalWarning', program]);
    const orphan = Number(await fileText(file));
    await ends(orphan);
    expect(orphan).toBeGreaterThan(0);
  });
});
