import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { goEnvironment } from '@slipway/testing';
import { problemMatcher } from '../src/problem-matcher.ts';

jest.setTimeout(180_000);

let module: string;
beforeEach(async () => {
  module = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-matcher-'));
  await write({ 'go.mod': 'module example.com/m\n\ngo 1.22\n' });
});
afterEach(() => fs.rm(module, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(module, name)), { recursive: true });
    await fs.writeFile(path.join(module, name), text);
  }
}

/** What go prints, and how it ends. */
function go(...args: string[]): { printed: string; failed: boolean } {
  const env = { ...process.env, ...goEnvironment(), GOFLAGS: '-buildvcs=false', GOPROXY: 'off' };
  const { stdout, stderr, status } = spawnSync('go', args, { cwd: module, env, encoding: 'utf8' });
  return { printed: stdout + stderr, failed: status !== 0 };
}

/** `file:line:column message` of each line that the runner would annotate. */
function annotated(printed: string): string[] {
  const [pattern] = problemMatcher.problemMatcher[0]?.pattern ?? [];
  if (pattern === undefined) throw new Error('There is a pattern.');
  const regexp = new RegExp(pattern.regexp);
  return printed.split(/\r?\n/).flatMap((line) => {
    const found = regexp.exec(line);
    if (found === null) return [];
    const part = (group: number): string => found[group] ?? '';
    const place = [part(pattern.file), part(pattern.line), part(pattern.column)];
    return [`${place.join(':')} ${part(pattern.message)}`];
  });
}

const program = (body: string): string =>
  `package main\n\nimport (\n\t"fmt"\n\t"log"\n)\n\nfunc main() {\n\tlog.SetFlags(log.Lshortfile)\n\tlog.Println("listening")\n\t${body}\n}\n`;

describe('the problem matcher marks', () => {
  test('what the compiler says', async () => {
    await write({ 'main.go': program('fmt.Printl("x")') });
    const { printed } = go('build', './...');
    expect(annotated(printed)).toEqual(['./main.go:11:6 undefined: fmt.Printl']);
  });

  test('what vet says, also of what does not compile', async () => {
    await write({ 'main.go': program('fmt.Printf("%d", "x")') });
    expect(annotated(go('vet', './...').printed)).toEqual([
      'main.go:11:14 fmt.Printf format %d has arg "x" of wrong type string',
    ]);
    await write({ 'main.go': program('fmt.Println(missing)') });
    expect(annotated(go('vet', './...').printed)).toContain('./main.go:11:14 undefined: missing');
  });

  test('a syntax error and an import that nobody provides, in a package below', async () => {
    await write({ 'sub/sub.go': 'package sub\n\nfunc Hello( {\n' });
    expect(annotated(go('build', './...').printed)).toEqual([
      'sub/sub.go:3:13 syntax error: unexpected {, expected )',
    ]);
    await write({ 'sub/sub.go': 'package sub\n\nimport _ "nothere"\n' });
    expect(annotated(go('build', './...').printed)[0]).toMatch(
      /^sub\/sub\.go:3:8 package nothere is not in std/,
    );
  });

  test('a test that does not compile', async () => {
    await write({ 'sub/sub_test.go': 'package sub\n\nvar _ = missing\n' });
    expect(annotated(go('test', './...').printed)).toEqual([
      'sub/sub_test.go:3:9 undefined: missing',
    ]);
  });

  test('a go.mod that is none, and a go.work', async () => {
    await write({ 'go.mod': 'module example.com/m\n\ngo 1.22\nfoo bar\n' });
    expect(annotated(go('build', './...').printed)).toEqual(['go.mod:4: unknown directive: foo']);
    await write({ 'go.mod': 'module example.com/m\n\ngo "1.22\n' });
    expect(annotated(go('build', './...').printed)).toEqual([
      'go.mod:3:9 unexpected newline in string',
    ]);
    await write({ 'go.mod': 'module example.com/m\n\ngo 1.22\n', 'go.work': 'go 1.22\nuse x y\n' });
    expect(annotated(go('build', './...').printed)).toEqual(['go.work:2: usage: use local/dir']);
  });
});

describe('the problem matcher leaves alone', () => {
  test('what a running program logs', async () => {
    await write({ 'main.go': program('fmt.Println("x")') });
    const { printed, failed } = go('run', '.');
    expect([printed, failed]).toEqual([expect.stringContaining('main.go:10: listening'), false]);
    expect(annotated(printed)).toEqual([]);
  });

  test('what a passing test remarks, and the trace of one that panics', async () => {
    const tests =
      'package sub\n\nimport "testing"\n\nfunc TestA(t *testing.T) { t.Log("started") }\n';
    await write({ 'sub/server_test.go': tests });
    const passing = go('test', '-v', './...');
    expect(passing).toEqual({
      printed: expect.stringContaining('server_test.go:5: started'),
      failed: false,
    });
    expect(annotated(passing.printed)).toEqual([]);
    await write({ 'sub/server_test.go': `${tests}\nfunc TestB(t *testing.T) { panic("boom") }\n` });
    expect(annotated(go('test', './...').printed)).toEqual([]);
  });
});

// The forms of paths that actions/setup-go's own tests know.
test.each([
  ['../main.go:13:2: undefined: fmt.Printl', '../main.go'],
  ['foo/main.go:13:2: undefined: fmt.Printl', 'foo/main.go'],
  ['/assert.go:13:2: undefined: fmt.Printl', '/assert.go'],
  ['   ./assert.go:13:2: undefined: fmt.Printl', './assert.go'],
  ['\t./assert.go:13:2: undefined: fmt.Printl', './assert.go'],
  ['.\\main.go:13:2: undefined: fmt.Printl', '.\\main.go'],
  ['..\\main.go:13:2: undefined: fmt.Printl', '..\\main.go'],
  ['C:\\src\\main.go:13:2: undefined: fmt.Printl', 'C:\\src\\main.go'],
])('the file of %j is %s', (line, file) => {
  expect(annotated(line)).toEqual([`${file}:13:2 undefined: fmt.Printl`]);
});

test('its owner is the one that workflows remove', () => {
  expect(problemMatcher.problemMatcher.map(({ owner }) => owner)).toEqual(['go']);
});
