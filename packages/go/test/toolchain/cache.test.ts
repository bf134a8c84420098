import { mkdtempSync, rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openToolchainCache, type ToolchainCache } from '../../src/toolchain/cache.ts';
import { toolchainPlatform } from '../../src/toolchain/index.ts';
import { parseGoVersion } from '../../src/version/index.ts';

let folder: string;
let cache: ToolchainCache;
const [version] = ['1.26.0'].map(parseGoVersion).filter((each) => each !== undefined);
if (version === undefined) throw new Error('1.26.0 is a version of Go.');

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-tool-cache-'));
  cache = openToolchainCache(folder, 'go', toolchainPlatform('linux', 'x64'));
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
