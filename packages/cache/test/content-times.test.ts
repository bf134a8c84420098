import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { fakeLog, goEnvironment } from '@slipway/testing';
import { contentTime, setContentTimes } from '../src/file-times/index.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
let scratch: string;
let origin: string;

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-times-'));
  origin = path.join(scratch, 'origin');
  await fs.mkdir(origin);
  await git('init', '-q', '-b', 'main');
  await commit({
    'go.mod': 'module example.com/m\n\ngo 1.22\n',
    'm_test.go': [
      'package m\n\nimport (\n\t"os"\n\t"testing"\n)\n',
      'func TestData(t *testing.T) {',
      '\tif _, err := os.ReadDir("testdata"); err != nil {\n\t\tt.Fatal(err)\n\t}',
      '\ttext, err := os.ReadFile("testdata/word")',
      '\tif err != nil || string(text) == "wrong" {\n\t\tt.Fatal(string(text), err)\n\t}\n}\n',
    ].join('\n'),
    'testdata/word': 'right',
    'README.md': 'about',
  });
});
afterEach(() => fs.rm(scratch, { recursive: true, force: true }));

function git(...args: string[]): Promise<unknown> {
  const person = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
  return run('git', [...person, ...args], { cwd: origin });
}

async function commit(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(origin, name)), { recursive: true });
    await fs.writeFile(path.join(origin, name), text);
  }
  await git('add', '-A');
  await git('commit', '-q', '-m', 'x');
}

const exec = () => systemExec({ log: fakeLog(), env: { PATH: process.env['PATH'] } });
const workspace = (): string => path.join(scratch, 'workspace');

/** What actions/checkout leaves: the last commit alone, in the folder where every job has it. */
async function checkOut(): Promise<void> {
  await fs.rm(workspace(), { recursive: true, force: true });
  await run('git', ['clone', '-q', '--depth', '1', `file://${origin}`, workspace()]);
}

/** `go test` with a build cache that all jobs share: the machine's, where this folder is new. */
async function goTest(): Promise<string> {
  const env = { ...goEnvironment(), HOME: scratch, PATH: process.env['PATH'] };
  const { stdout } = await run('go', ['test', './...'], { cwd: workspace(), env }).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout;
}

const timeOf = async (name: string): Promise<number> =>
  (await fs.stat(path.join(workspace(), name))).mtimeMs;

describe('content times', () => {
  test('let a test that reads files be cached in the next job, in a shallow clone', async () => {
    await checkOut();
    await setContentTimes(exec(), workspace(), signal);
    expect(await goTest()).not.toContain('(cached)');
    await commit({ 'README.md': 'changed' });
    await checkOut();
    await setContentTimes(exec(), workspace(), signal);
    expect(await goTest()).toContain('(cached)');
  });

  test('miss an edit of equal size, committed or not', async () => {
    await checkOut();
    await setContentTimes(exec(), workspace(), signal);
    await goTest();
    await fs.writeFile(path.join(workspace(), 'testdata/word'), 'wrong');
    await setContentTimes(exec(), workspace(), signal);
    expect(await goTest()).toContain('FAIL');
    await commit({ 'testdata/word': 'wrong' });
    await checkOut();
    await setContentTimes(exec(), workspace(), signal);
    expect(await goTest()).toContain('FAIL');
  });

  test('are the same for the same content, in the past, and leave git nothing to do', async () => {
    await checkOut();
    const count = await setContentTimes(exec(), workspace(), signal);
    // Four files, testdata, and the top.
    expect(count).toBe(6);
    const times = await Promise.all(['go.mod', 'testdata', '.'].map(timeOf));
    expect(Math.max(...times)).toBeLessThan(Date.parse('2020-01-01'));
    await checkOut();
    await setContentTimes(exec(), workspace(), signal);
    expect(await Promise.all(['go.mod', 'testdata', '.'].map(timeOf))).toEqual(times);
    const { stdout } = await run('git', ['diff-files', '--name-only'], { cwd: workspace() });
    expect(stdout).toBe('');
  });

  test('are given to nothing that differs from the commit, nor to folders above it', async () => {
    await checkOut();
    await fs.writeFile(path.join(workspace(), 'testdata/word'), 'other');
    const before = await timeOf('testdata/word');
    await setContentTimes(exec(), workspace(), signal);
    expect(await timeOf('testdata/word')).toBe(before);
    expect(await timeOf('testdata')).toBeGreaterThan(Date.parse('2020-01-01'));
    expect(await timeOf('go.mod')).toBeLessThan(Date.parse('2020-01-01'));
  });

  test('are given to no file that git was told not to look at', async () => {
    await checkOut();
    const options = { cwd: workspace() };
    await run('git', ['update-index', '--assume-unchanged', 'testdata/word'], options);
    await fs.writeFile(path.join(workspace(), 'testdata/word'), 'wrong');
    await setContentTimes(exec(), workspace(), signal);
    expect(await timeOf('testdata/word')).toBeGreaterThan(Date.parse('2020-01-01'));
  });

  test('need a checkout', async () => {
    await fs.mkdir(workspace());
    await expect(setContentTimes(exec(), workspace(), signal)).rejects.toThrow(
      /not a git repository/i,
    );
  });
});

test('contents that differ in one digit of their id have different times', () => {
  const id = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
  const others = Array.from({ length: 16 }, (_, at) => {
    const digit = (Number.parseInt(id.charAt(at), 16) + 1) % 16;
    return id.slice(0, at) + digit.toString(16) + id.slice(at + 1);
  });
  // The first digits fall off: 64 bits of microseconds are more than the years since.
  const seen = new Set([id, ...others.slice(4)].map(contentTime));
  expect(seen.size).toBe(others.length - 4 + 1);
});
