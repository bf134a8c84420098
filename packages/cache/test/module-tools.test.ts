import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jobDigest } from '../src/layer-key.ts';
import { readManifest, type Manifest } from '../src/pack/index.ts';
import type { Entries } from './memory-transfer.ts';
import { goSum, moduleJobs, type ModuleJobs } from './module-jobs.ts';

let scratch: string;
let entries: Entries;
let jobs: ModuleJobs;

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-tools-'));
  entries = new Map();
  jobs = moduleJobs(scratch, entries);
});
afterEach(() => fs.rm(scratch, { recursive: true, force: true }));

/** The newest manifest and the file that it is in. */
function newest(): { files: Map<string, Buffer>; name: string; manifest: Manifest } {
  const key = [...entries.keys()].findLast((one) => one.startsWith('slipway-modules-')) ?? '';
  const files = new Map(entries.get(key));
  const [[name, content] = ['', Buffer.of()]] = files;
  entries.set(key, files);
  return { files, name, manifest: readManifest(content.toString()) };
}

const pathsOf = (module: string): string[] =>
  ['info', 'mod', 'zip'].map((kind) => `cache/download/example.com/${module}/@v/v1.0.0.${kind}`);

describe('the tools that a manifest lists', () => {
  test('may be many: the state for post, which the runner bounds, stays small', async () => {
    await jobs.run('build', goSum('a'), 'a');
    const { files, name, manifest } = newest();
    const tools = Object.fromEntries(
      Array.from({ length: 40 }, (_, job) => [
        jobDigest(`lint ${job}`),
        Array.from({ length: 20 }, (__, index) => pathsOf(`a-rather-long-name${index}`)).flat(),
      ]),
    );
    expect(JSON.stringify(tools).length).toBeGreaterThan(100_000);
    files.set(name, Buffer.from(JSON.stringify({ ...manifest, tools })));
    const { state, saved } = await jobs.run('build', goSum('a', 'b'), 'a', 'b', 'tool');
    expect(JSON.stringify(state).length).toBeLessThan(4_000);
    expect(saved).toMatchObject({ outcome: 'saved' });
    const kept = newest().manifest.tools;
    // Those of other jobs as far as twenty go, the newest.
    expect(Object.keys(kept)).toHaveLength(20);
    expect(kept[jobDigest('build')]?.sort()).toEqual(pathsOf('tool'));
    expect(Object.keys(kept)).toContain(jobDigest('lint 39'));
  });

  test('are those that the job downloads, not what was restored of modules that it does not name', async () => {
    await jobs.run('build', goSum('a', 'b', 'c'), 'a', 'b', 'c');
    await jobs.run('other', goSum('a', 'x'), 'a', 'x');
    expect(newest().manifest.tools).toEqual({});
  });

  test('stay whole when the job runs again with other modules', async () => {
    await jobs.run('lint', goSum('a'), 'a', 'tool');
    await jobs.run('lint', goSum('a', 'b'), 'a', 'b', 'tool');
    expect(newest().manifest.tools[jobDigest('lint')]?.sort()).toEqual(pathsOf('tool'));
    expect(await jobs.run('lint', goSum('a', 'b'), 'a', 'b', 'tool')).toMatchObject({ fetched: 0 });
  });
});
