import { execFile } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { copyPublishedProgram, publishedPrograms } from '../fixtures/published-programs.ts';
import { useLab, type Lab } from '../lab/lab.ts';
import { buildCrane, crossBuild, type Crane } from '../lab/shop/crane.ts';

jest.setTimeout(900_000);

const run = promisify(execFile);
let lab: Lab;
let scratch: string;
let crane: Crane;

beforeAll(async () => {
  [lab] = await Promise.all([useLab(), ensureBundles(['go-cross-build'])]);
  scratch = await realpath(await mkdtemp(path.join(os.tmpdir(), 'slipway-published-')));
  crane = await buildCrane(scratch);
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

test('a published program, for four systems, has the version it was given and valid images', async () => {
  const folder = path.join(scratch, 'sh');
  await copyPublishedProgram(publishedPrograms.sh, folder);
  // shfmt tells the version that Go stamps from the tag; the module comes without a history.
  const git = async (...args: string[]): Promise<unknown> => run('git', args, { cwd: folder });
  await git('init', '--quiet');
  await git('add', '--all');
  await git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'it');
  await git('tag', publishedPrograms.sh.version);
  const result = await crossBuild(folder, {
    targets: 'linux/amd64\nlinux/arm64\ndarwin/arm64\nwindows/amd64',
    packages: publishedPrograms.sh.packages.join('\n'),
    version: publishedPrograms.sh.version,
    image: `${lab.registry}/cross/sh`,
  });
  expect(result.exitCode).toBe(0);
  const { stdout } = await run(path.join(folder, 'dist', 'linux_amd64', 'shfmt'), ['--version']);
  expect(stdout.trim()).toBe(publishedPrograms.sh.version);
  const sums = await readFile(result.outputs['checksums'] ?? '', 'utf8');
  expect(sums.trim().split('\n')).toHaveLength(16);
  const digests = JSON.parse(result.outputs['images'] ?? '{}') as Record<string, string>;
  const reference = `${lab.registry}/cross/sh/shfmt:${publishedPrograms.sh.version}`;
  expect(await crane.digestOf(reference)).toBe(digests['shfmt']);
  expect(await crane.run('validate', '--remote', reference)).toContain('PASS');
});
