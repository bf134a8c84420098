import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec, getExecOutput } from '@actions/exec';
import { describe, expect, test } from '@jest/globals';
import { fakeLog } from '@slipway/testing';
import { systemExec } from '../src/index.ts';

/**
 * Why this package stands beside `@actions/exec`: each test shows one thing that an action which is
 * cancelled, or which works on a cluster, cannot do without, first there and then here. A test of them
 * that fails after an update is a reason to look at that package again.
 */
const ours = systemExec({ log: fakeLog(), env: process.env });

/** Options that the library does not have, handed in as if it had them. */
const unknownToIt = (options: object): object => ({ silent: true, ...options });

async function runs(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/\) [ZX]/.test(status);
}

/** Resolves once it has ended; a child that does not end fails its test by the time of that. */
async function ends(pid: number): Promise<void> {
  while (await runs(pid)) await sleep(20);
}

/** A shell that tells its process id and then does as `script` says. */
const shell = (script: string): [string, string[]] => ['sh', ['-c', `echo $$; ${script}`]];

/** Runs it through the library, and gives the id that it told, while it still runs. */
async function started(script: string, options: object) {
  let tell: (pid: number) => void = () => undefined;
  const told = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const listeners = { stdline: (line: string) => tell(Number(line)) };
  const [file, args] = shell(script);
  const done = exec(file, args, unknownToIt({ listeners, ignoreReturnCode: true, ...options }));
  return { pid: await told, done };
}

/** Ends it from outside, since the library has no way to. */
async function endByHand({ pid, done }: { pid: number; done: Promise<number> }): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await done;
}

describe('a time limit', () => {
  test('is nothing that the library knows', async () => {
    const child = await started('exec sleep 60', { timeout: 50, timeoutMs: 50 });
    await sleep(400);
    expect(await runs(child.pid)).toBe(true);
    await endByHand(child);
  });

  test('ends a child here, also one that ignores SIGTERM', async () => {
    const [file, args] = shell('trap "" TERM; while :; do sleep 1; done');
    const ended = ours(file, args, { timeoutMs: 200, killGraceMs: 100 });
    await expect(ended).rejects.toMatchObject({ timedOut: true });
  });
});

describe('an AbortSignal', () => {
  test('is nothing that the library knows', async () => {
    const controller = new AbortController();
    const child = await started('exec sleep 60', { signal: controller.signal });
    controller.abort();
    await sleep(400);
    expect(await runs(child.pid)).toBe(true);
    await endByHand(child);
  });

  test('ends a child here, with what that started', async () => {
    const controller = new AbortController();
    const pids: number[] = [];
    const ended = ours('sh', ['-c', 'sleep 300 & echo $!; echo $$; wait'], {
      signal: controller.signal,
      onStdout: (line) => pids.push(Number(line)) === 2 && controller.abort(new Error('cancelled')),
    });
    await expect(ended).rejects.toThrow('cancelled');
    expect(pids).toHaveLength(2);
    await Promise.all(pids.map(ends));
  });
});

describe('what a child leaves running', () => {
  const script = 'sleep 300 & echo $!';

  test('stays behind with the library, which waits for its pipes as well', async () => {
    const startedMs = performance.now();
    const { stdout } = await getExecOutput('sh', ['-c', script], { silent: true, delay: 1_500 });
    const left = Number(stdout);
    expect(performance.now() - startedMs).toBeGreaterThan(1_400);
    expect(await runs(left)).toBe(true);
    process.kill(left, 'SIGKILL');
  });

  test('is ended here', async () => {
    const { stdout } = await ours('sh', ['-c', script]);
    expect(Number(stdout)).toBeGreaterThan(0);
    await ends(Number(stdout));
  });
});

test('secrets in arguments are printed by the library and not here', async () => {
  const printed: string[] = [];
  const secret = 'hunter2-hunter2';
  await exec('true', [secret], {
    silent: true,
    listeners: { debug: (line) => printed.push(line) },
  });
  expect(printed.join('\n')).toContain(secret);
  const log = fakeLog();
  await systemExec({ log, env: process.env })('true', [secret], { secrets: [secret] });
  expect(log.text()).toContain('***');
  expect(log.text()).not.toContain(secret);
});

test('more output than the memory should hold is kept by the library and refused here', async () => {
  const print = ['-c', 'head -c 3000000 /dev/zero'];
  const { stdout } = await getExecOutput('sh', print, { silent: true });
  expect(stdout).toHaveLength(3_000_000);
  await expect(ours('sh', print, { maxStdoutBytes: 100_000 })).rejects.toThrow(
    'was stopped because it printed more than 100.0 kB',
  );
});
