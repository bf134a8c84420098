import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { processStat } from './daemon.ts';
import { withLock } from './lock.ts';
import { madeOnce } from './made-once.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-once-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process of its own that makes `final`, adding a line to `log` when it is the one that makes. */
function maker(final: string, log: string, sleepMs: number): ChildProcess {
  const module = JSON.stringify(path.join(import.meta.dirname, 'made-once.ts'));
  const code = `
    const { madeOnce } = await import(${module});
    const fs = await import('node:fs/promises');
    await madeOnce(${JSON.stringify(final)}, async (partial) => {
      await fs.appendFile(${JSON.stringify(log)}, 'made\\n');
      await fs.writeFile(partial, 'half');
      await new Promise((resolve) => setTimeout(resolve, ${sleepMs}));
      await fs.writeFile(partial, 'whole');
    });`;
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('of several processes that ask at once one makes it and all get it whole', async () => {
  const final = path.join(folder, 'tool');
  const log = path.join(folder, 'log');
  const makers = [1, 2, 3].map(() => maker(final, log, 300));
  expect(await Promise.all(makers.map(ended))).toEqual([0, 0, 0]);
  expect(await readFile(log, 'utf8')).toBe('made\n');
  expect(await readFile(final, 'utf8')).toBe('whole');
}, 30_000);

test('a maker that is killed leaves nothing under the final name, and the next one makes it', async () => {
  const final = path.join(folder, 'tool');
  const log = path.join(folder, 'log');
  const first = maker(final, log, 60_000);
  await until(() => existsSync(log));
  first.kill('SIGKILL');
  await ended(first);
  expect(existsSync(final)).toBe(false);
  expect(await ended(maker(final, log, 0))).toBe(0);
  expect(await readFile(final, 'utf8')).toBe('whole');
  expect((await readdir(folder)).sort()).toEqual(['log', 'tool']);
}, 30_000);

test('a maker that fails leaves neither lock nor half a file', async () => {
  const final = path.join(folder, 'deep', 'tool');
  const failing = madeOnce(final, async (partial) => {
    await writeFile(partial, 'half');
    throw new Error('no network');
  });
  await expect(failing).rejects.toThrow('no network');
  expect(await readdir(path.dirname(final))).toEqual([]);
});

test('what is there already is not made again', async () => {
  const final = path.join(folder, 'tool');
  await writeFile(final, 'old');
  await madeOnce(final, () => Promise.reject(new Error('must not be called')));
  expect(await readFile(final, 'utf8')).toBe('old');
});

test('who waits for a lock hears which process has it', async () => {
  const lock = path.join(folder, 'lock');
  const heard: number[] = [];
  let release: () => void = () => undefined;
  const held = withLock(lock, () => new Promise<void>((resolve) => (release = resolve)));
  await until(() => existsSync(lock));
  const waiting = withLock(
    lock,
    () => Promise.resolve('mine'),
    (pid) => heard.push(pid),
  );
  await until(() => heard.length > 0);
  release();
  await held;
  expect(await waiting).toBe('mine');
  expect(heard[0]).toBe(process.pid);
});

test.each([
  ['whose process has ended', JSON.stringify({ pid: 2 ** 22 - 1, startTicks: 1, id: 'x' })],
  [
    'whose process id now belongs to another process',
    JSON.stringify({ pid: process.pid, startTicks: 1, id: 'x' }),
  ],
  ['that a crash left half written', '{"pid":'],
])('a lock %s is taken over', async (_, text) => {
  const lock = path.join(folder, 'lock');
  await writeFile(lock, text);
  expect(await withLock(lock, () => Promise.resolve('mine'))).toBe('mine');
  expect(existsSync(lock)).toBe(false);
});

test.each([
  ['dead', JSON.stringify({ pid: 2 ** 22 - 1, startTicks: 1, id: 'x' })],
  ['half-written', '{"pid":'],
])(
  'of many that find a %s lock only one holds it at a time',
  async (_, text) => {
    let inside = 0;
    let most = 0;
    const body = async (): Promise<void> => {
      most = Math.max(most, (inside += 1));
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside -= 1;
    };
    // Who loses here loses by an instant: many short rounds find what one long round misses.
    for (let round = 0; round < 8; round += 1) {
      const lock = path.join(folder, `lock-${round}`);
      await writeFile(lock, text);
      await Promise.all(Array.from({ length: 8 }, () => withLock(lock, body)));
    }
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  },
  60_000,
);

test('a process is known by its start time too', () => {
  expect(processStat(process.pid)?.startTicks).toBeGreaterThan(0);
  expect(processStat(2 ** 22 - 1)).toBeUndefined();
});
