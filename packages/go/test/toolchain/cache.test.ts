import { mkdtempSync, rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock, type Clock } from '@slipway/runtime';
import { fakeClock } from '@slipway/testing';
import { openToolchainCache, type ToolchainCache } from '../../src/toolchain/cache.ts';
import { toolchainPlatform } from '../../src/toolchain/index.ts';
import { parseGoVersion } from '../../src/version/index.ts';

let folder: string;
let cache: ToolchainCache;
const [version] = ['1.26.0'].map(parseGoVersion).filter((each) => each !== undefined);
if (version === undefined) throw new Error('1.26.0 is a version of Go.');

const open = (clock: Clock = systemClock): ToolchainCache =>
  openToolchainCache(
    { folder, tool: 'go', platform: toolchainPlatform('linux', 'x64') },
    { clock, signal: new AbortController().signal },
  );

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-tool-cache-'));
  cache = open();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Fills a folder with a toolchain that says who put it there. */
const by =
  (name: string) =>
  async (root: string): Promise<void> => {
    await fs.mkdir(path.join(root, 'bin'));
    await fs.writeFile(path.join(root, 'bin', 'go'), name);
    await fs.writeFile(path.join(root, 'VERSION'), 'go1.26.0\n');
  };
const filledBy = async (root: string): Promise<string> =>
  await fs.readFile(path.join(root, 'bin', 'go'), 'utf8');

test('a toolchain that another job put there meanwhile is used, and not taken from under it', async () => {
  const { root } = await cache.add(version, async (slow) => {
    await by('this job')(slow);
    await cache.add(version, by('another job'));
  });
  expect(await filledBy(root)).toBe('another job');
  expect(await fs.readdir(path.join(folder, 'go'))).toEqual(['1.26.0']);
});

test('what an interrupted copy left is replaced', async () => {
  const root = path.join(folder, 'go', '1.26.0', 'x64');
  await fs.mkdir(root, { recursive: true });
  await by('half a copy')(root);
  await cache.add(version, by('this job'));
  expect(await filledBy(root)).toBe('this job');
  expect(await cache.find(version)).toEqual({ version, root });
});

test('of four jobs that install at once over a leftover, all end up with one that never vanishes', async () => {
  const root = path.join(folder, 'go', '1.26.0', 'x64');
  await fs.mkdir(root, { recursive: true });
  await fs.writeFile(path.join(root, 'VERSION'), 'go1.26.0\n');
  let arrived = 0;
  let allArrived = (): void => undefined;
  const together = new Promise<void>((resolve) => (allArrived = resolve));
  const jobs = ['one', 'two', 'three', 'four'].map((name) => async () => {
    const done = await open().add(version, async (filling) => {
      await by(name)(filling);
      arrived += 1;
      if (arrived === 4) allArrived();
      await together;
    });
    return [await filledBy(done.root), (await open().find(version)) !== undefined] as const;
  });
  const found = await Promise.all(jobs.map((job) => job()));
  const winner = await filledBy(root);
  expect(found).toEqual([1, 2, 3, 4].map(() => [winner, true]));
  expect(await fs.readdir(path.join(folder, 'go'))).toEqual(['1.26.0']);
});

test('a job waits while another one replaces the same leftover, and uses what that one put there', async () => {
  const root = path.join(folder, 'go', '1.26.0', 'x64');
  await by('half a copy')(await fs.mkdir(root, { recursive: true }).then(() => root));
  const { dev, ino, birthtimeNs } = await fs.stat(root, { bigint: true });
  const claim = path.join(folder, 'go', `.leftover-${dev}-${ino}-${birthtimeNs}`);
  await fs.mkdir(claim);
  const anotherJobGoesOn = async (): Promise<void> => {
    await fs.rename(root, path.join(folder, 'moved'));
    await fs.writeFile(`${root}.complete`, '');
    await by('another job')(await fs.mkdir(root).then(() => root));
    await fs.rm(claim, { recursive: true });
  };
  const done = await open({ ...systemClock, sleep: anotherJobGoesOn }).add(version, by('this job'));
  expect(await filledBy(done.root)).toBe('another job');
});

test('a leftover that a killed job had begun to move is moved after a while', async () => {
  const root = path.join(folder, 'go', '1.26.0', 'x64');
  await fs.mkdir(root, { recursive: true });
  const { dev, ino, birthtimeNs } = await fs.stat(root, { bigint: true });
  await fs.mkdir(path.join(folder, 'go', `.leftover-${dev}-${ino}-${birthtimeNs}`));
  await open(fakeClock()).add(version, by('this job'));
  expect(await filledBy(root)).toBe('this job');
});

test('what cannot be moved is copied', async () => {
  // Another file system, as a version that was installed by hand may be on.
  const otherDisk = process.platform === 'linux' ? '/dev/shm' : os.tmpdir();
  const elsewhere = mkdtempSync(path.join(otherDisk, 'slipway-elsewhere-'));
  await fs.mkdir(path.join(folder, 'go'));
  await fs.symlink(elsewhere, path.join(folder, 'go', '1.26.0'), 'junction');
  try {
    const { root } = await cache.add(version, by('this job'));
    expect(await filledBy(root)).toBe('this job');
    expect(await cache.find(version)).toEqual({ version, root });
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

test("a vendor's revision has a place of its own, and is found also where actions/setup-go leaves it out", async () => {
  const [first, second] = ['1.26.0-1', '1.26.0-2'].map(parseGoVersion);
  if (first === undefined || second === undefined) throw new Error('These are versions.');
  const revised = (revision: string) => async (filling: string) => {
    await by(revision)(filling);
    await fs.writeFile(path.join(filling, 'MICROSOFT_REVISION'), `${revision}\n`);
  };
  await cache.add(version, revised('1'));
  expect(await cache.find(first)).toMatchObject({ root: path.join(folder, 'go/1.26.0/x64') });
  expect(await cache.find(second)).toBeUndefined();
  await cache.add(second, revised('2'));
  expect((await cache.list()).map(({ root }) => root)).toEqual([
    path.join(folder, 'go/1.26.0-2/x64'),
    path.join(folder, 'go/1.26.0/x64'),
  ]);
});
