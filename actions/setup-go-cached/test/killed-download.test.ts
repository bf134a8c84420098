import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Run } from '@slipway/runtime';
import { post } from '../src/post.ts';

let temp: string;
beforeEach(async () => {
  temp = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-killed-'));
});
afterEach(() => fs.rm(temp, { recursive: true, force: true }));

/** A job whose main left this as the folder with its credentials, and nothing about caches. */
function jobThatLeft(folder: string): Run {
  const load: Run['state']['load'] = (name, check) => {
    const value: unknown = name === 'privateAccess' ? folder : undefined;
    return check(value) ? value : undefined;
  };
  return { state: { load } } as unknown as Run;
}

async function folderOf(name: string): Promise<string> {
  const folder = path.join(temp, name);
  await fs.mkdir(folder);
  await fs.writeFile(path.join(folder, '.netrc'), 'machine a login b password c\n');
  return folder;
}

test('the credentials of a main that was killed are removed by post', async () => {
  const folder = await folderOf('slipway-private-abc123');
  await post(jobThatLeft(folder));
  expect(existsSync(folder)).toBe(false);
});

test('no other folder is, whatever the state says', async () => {
  const folder = await folderOf('home');
  await post(jobThatLeft(folder));
  expect(existsSync(folder)).toBe(true);
});
