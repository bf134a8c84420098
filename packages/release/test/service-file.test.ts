import { promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readOwnFile, readRootFleet } from '../src/index.ts';

let folder: string;
let root: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-file-'));
  root = path.join(folder, 'checkout');
  await fs.mkdir(path.join(root, 'services', 'api'), { recursive: true });
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

const reads = [
  ['slipway.yml', () => readRootFleet(root)],
  ['services/api/slipway.yaml', () => readOwnFile(root, 'services/api')],
] as const;

describe.each(reads)('a %s', (name, read) => {
  test('that is not there says nothing', async () => {
    expect(await read()).toBeUndefined();
  });

  test('may be a link to another file of the repository', async () => {
    await fs.writeFile(path.join(root, 'ours.yml'), 'owners: "@acme/api"\n');
    await fs.symlink(path.join(root, 'ours.yml'), path.join(root, name));
    expect(await read()).toMatchObject({ file: name });
  });

  test('that is a folder, or a link to nowhere, is refused and not passed over', async () => {
    const next = { message: `"${name}" is no file of the repository.` };
    await fs.mkdir(path.join(root, name));
    await expect(read()).rejects.toMatchObject(next);
    await fs.rmdir(path.join(root, name));
    await fs.symlink('nowhere.yml', path.join(root, name));
    await expect(read()).rejects.toMatchObject(next);
  });

  test('that leads out of the repository is refused, and nothing of what is there is told', async () => {
    await fs.writeFile(path.join(folder, 'config.json'), '{"auths": "hunter2"}');
    await fs.symlink(path.join(folder, 'config.json'), path.join(root, name));
    await expect(read()).rejects.toThrow(`"${name}" is no file of the repository.`);
  });
});
