import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { goEnvironment, runBundle, type BundleOptions, type BundleResult } from '@slipway/testing';

jest.setTimeout(300_000);

const entry = path.resolve(import.meta.dirname, '..', 'src', 'index.ts');
let root: string;
let goEnv: Record<string, string>;

beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'slipway-go-test-')));
  goEnv = goEnvironment();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A workspace with the module in `libs/shared`, so that places have to be told from the workspace's top. */
function workspace(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(root, 'case-'));
  const all = { 'go.mod': 'module example.com/shared\n\ngo 1.24\n', ...files };
  for (const [name, text] of Object.entries(all)) {
    const file = path.join(folder, 'libs', 'shared', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}

function runAction(
  folder: string,
  inputs: Readonly<Record<string, string>> = {},
  more: Partial<BundleOptions> = {},
): Promise<BundleResult> {
  return runBundle({
    action: 'go-test',
    entry,
    workspace: folder,
    // The race detector compiles the standard library anew; the tests about it ask for it.
    inputs: { 'working-directory': 'libs/shared', race: 'false', ...inputs },
    timeoutMs: 280_000,
    ...more,
    env: { ...goEnv, ...more.env },
  });
}

const testFile = (body: string, imports = ''): string =>
  `package price\n\nimport (\n\t"testing"\n${imports})\n\n${body}\n`;

describe('a run that passes', () => {
  test('says how many packages, and prints a line for each as go test does', async () => {
    const folder = workspace({
      'price/price_test.go': testFile(
        'func TestOK(t *testing.T) { t.Log("quiet") }\nfunc TestNot(t *testing.T) { t.Skip("later") }',
      ),
      'plain/plain.go': 'package plain\n',
    });
    const run = await runAction(folder, { junit: 'out/junit.xml' });
    expect([run.exitCode, run.annotations]).toEqual([0, []]);
    expect(run.outputs).toEqual({
      result: 'passed',
      packages: '2',
      passed: '1',
      failed: '0',
      cached: '0',
      junit: path.join(folder, 'out/junit.xml'),
    });
    expect(run.visible).toMatch(/^ok {2}\texample\.com\/shared\/price\t/m);
    expect(run.visible).not.toContain('quiet');
    expect(run.summary).toContain('| packages that passed | 1 |');
    expect(run.summary).toContain('| tests | 1 passed, 0 failed, 1 skipped |');
    const junit = readFileSync(path.join(folder, 'out/junit.xml'), 'utf8');
    expect(junit).toContain('name="TestOK"');
    expect(junit).toContain('<skipped/>');

    const again = await runAction(folder);
    expect(again.outputs).toMatchObject({ passed: '1', cached: '1' });
  });

  test('without any test is named, and is not counted as passed', async () => {
    const run = await runAction(workspace({ 'plain/plain.go': 'package plain\n' }));
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({ result: 'no-tests', packages: '1', passed: '0' });
    expect(run.summary).toContain('| packages | 1, none has tests |');
    expect(run.annotations).toEqual([
      { level: 'notice', message: 'packages: 1, none has tests that were run.' },
    ]);
  });

  test('hands flags on, to tests and to vet', async () => {
    const folder = workspace({
      'price/price_test.go': `//go:build integration\n\n${testFile('func TestTagged(t *testing.T) { if flag.Arg(0) != "deep" { t.Fatal("no argument") } }', '\t"flag"\n')}`,
    });
    const run = await runAction(folder, { flags: '-tags=integration\n-count=1\n-args\ndeep' });
    expect(run.outputs).toMatchObject({ result: 'passed', passed: '1' });
  });
});

describe('a failed test', () => {
  test('is shown at its line of the checkout, and named by the error', async () => {
    const folder = workspace({
      'price/price_test.go': testFile(
        'func TestOK(t *testing.T) { println("said aloud") }\n\nfunc TestPrice(t *testing.T) {\n\tt.Run("in euro", func(t *testing.T) {\n\t\tt.Log("before")\n\t\tt.Errorf("::error::</pre><b>too low</b>")\n\t})\n}',
      ),
    });
    const run = await runAction(folder, { packages: './price' });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({
      result: 'failed',
      packages: '1',
      passed: '0',
      failed: '1',
    });
    expect(run.annotations).toEqual([
      {
        level: 'error',
        title: 'Test failed',
        file: 'libs/shared/price/price_test.go',
        line: 12,
        message: expect.stringMatching(
          /^TestPrice\/in_euro in example\.com\/shared\/price failed:\nprice_test\.go:11: before\nprice_test\.go:12: ::error::/,
        ),
      },
      expect.objectContaining({
        title: 'Tests failed',
        message: expect.stringMatching(
          /TestPrice\/in_euro in example\.com\/shared\/price failed: price_test\.go:12: ::error::.*\nNext: Run it alone: go test -run=\^TestPrice\$ example\.com\/shared\/price/,
        ),
      }),
    ]);
    expect(run.summary).toContain('&lt;/pre&gt;&lt;b&gt;too low&lt;/b&gt;');
    expect(run.summary).not.toContain('<b>');
    expect(run.visible).toContain('said aloud');
    expect(run.visible).not.toMatch(/PASS: TestOK/);
  });

  test('can be a benchmark, which is run alone as one', async () => {
    const body = 'func BenchmarkPrice(b *testing.B) { b.Fatal("too slow") }';
    const folder = workspace({ 'price/price_test.go': testFile(body) });
    const run = await runAction(folder, { packages: './price', flags: '-run=^$\n-bench=.' });
    expect(run.annotations.at(-1)?.message).toMatch(
      /\nNext: Run it alone: go test -run=\^\$ -bench=\^BenchmarkPrice\$ example\.com\/shared\/price$/,
    );
  });

  test('is one of many, of which GitHub shows ten', async () => {
    const bodies = Array.from(
      { length: 14 },
      (_, index) => `func Test${index}(t *testing.T) { t.Fatal("no") }`,
    );
    const run = await runAction(workspace({ 'price/price_test.go': testFile(bodies.join('\n')) }));
    expect(run.annotations).toHaveLength(10);
    expect(run.annotations.at(-1)?.message).toContain('(and 13 more failures)');
    expect(run.summary).toContain('Test13');
  });

  test('that panics, or exits, is named with what it printed', async () => {
    const folder = workspace({
      'price/price_test.go': testFile(
        'func TestOK(t *testing.T) {}\n\nfunc TestPanic(t *testing.T) {\n\tvar prices map[string]int\n\tprices["tea"] = 1\n}',
      ),
      'exit/exit_test.go':
        'package exit\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestExit(t *testing.T) { os.Exit(3) }\n',
      'setup/setup_test.go':
        'package setup\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) { println("no database"); os.Exit(1) }\n\nfunc TestX(t *testing.T) {}\n',
    });
    const run = await runAction(folder, { flags: '-p=1', junit: 'junit.xml' });
    const messages = run.annotations.map(({ message }) => message).join('\n');
    expect(messages).toMatch(/TestExit in example\.com\/shared\/exit failed:[^]*ended before/);
    expect(messages).toMatch(
      /TestPanic in \S+\/price panicked:\npanic: assignment to entry in nil map/,
    );
    expect(messages).toMatch(/\S+\/setup failed outside of its tests:\nno database/);
    expect(run.annotations).toContainEqual(
      expect.objectContaining({ file: 'libs/shared/price/price_test.go', line: 11 }),
    );
    const junit = readFileSync(path.join(folder, 'junit.xml'), 'utf8');
    expect(junit.match(/<failure/g)).toHaveLength(3);
  });

  test('that takes too long is named at the line that it stood at', async () => {
    const folder = workspace({
      'price/price_test.go': testFile('func TestSlow(t *testing.T) {\n\tselect {}\n}'),
    });
    const run = await runAction(folder, { timeout: '1s' });
    expect(run.annotations[0]).toMatchObject({
      file: 'libs/shared/price/price_test.go',
      line: 8,
      message: expect.stringMatching(
        /TestSlow in \S+ ran out of time:\npanic: test timed out after 1s/,
      ),
    });
  });

  test('with a data race fails under the race detector, which is on by default', async () => {
    const folder = workspace({
      'price/price_test.go': testFile(
        'func TestRace(t *testing.T) {\n\tn, done := 0, make(chan bool)\n\tgo func() { n++; done <- true }()\n\tn++\n\t<-done\n}',
      ),
    });
    const run = await runAction(folder, { race: '', vet: 'false' });
    expect(run.annotations[0]).toMatchObject({
      file: 'libs/shared/price/price_test.go',
      message: expect.stringMatching(/TestRace in \S+ has a data race:\nWARNING: DATA RACE/),
    });
    expect(run.summary).toContain('| race detector | on |');
  });
});

describe('a run without tests to trust', () => {
  test('that go vet stops runs no test', async () => {
    const folder = workspace({
      'price/price.go':
        'package price\n\nimport "fmt"\n\n// Say prints.\nfunc Say() { fmt.Printf("%d", "x") }\n',
      'price/price_test.go': testFile('func TestOK(t *testing.T) {}'),
    });
    const run = await runAction(folder);
    expect(run.exitCode).toBe(1);
    expect(run.outputs['result']).toBe('failed');
    expect(run.annotations[0]).toMatchObject({ file: 'libs/shared/price/price.go', line: 6 });
    expect(run.visible).not.toMatch(/^ok /m);
  });

  test('that does not build is shown at the compiler’s line, once for all packages', async () => {
    const folder = workspace({
      'dep/dep.go': 'package dep\n\nvar X int = "x"\n',
      'price/price_test.go': testFile(
        'func TestOK(t *testing.T) { _ = dep.X }',
        '\t"example.com/shared/dep"\n',
      ),
      'rate/rate_test.go':
        'package rate\n\nimport (\n\t"testing"\n\t_ "example.com/shared/dep"\n)\n\nfunc TestOK(t *testing.T) {}\n',
    });
    const run = await runAction(folder, { vet: 'false', packages: './price\n./rate' });
    expect(run.outputs).toMatchObject({ result: 'failed', failed: '2' });
    expect(run.annotations.slice(0, -1)).toEqual([
      expect.objectContaining({ file: 'libs/shared/dep/dep.go', line: 3 }),
    ]);
  });

  test('with a pattern that matches nothing fails as go does, and says so', async () => {
    const folder = workspace({ 'price/price.go': 'package price\n' });
    mkdirSync(path.join(folder, 'libs/shared/empty'));
    const run = await runAction(folder, { packages: './empty/...', vet: 'false' });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ result: 'failed', packages: '0', passed: '0' });
    expect(run.annotations.at(-1)?.message).toMatch(/matched no packages.*no packages to test/);
  });

  test('without a C compiler goes on without the race detector, and says so', async () => {
    const folder = workspace({ 'price/price_test.go': testFile('func TestOK(t *testing.T) {}') });
    const run = await runAction(folder, { race: 'true' }, { env: { CC: 'no-such-cc' } });
    expect(run.exitCode).toBe(0);
    expect(run.annotations).toEqual([
      {
        level: 'warning',
        message: expect.stringMatching(
          /without the race detector: .*there is no no-such-cc on PATH/,
        ),
      },
    ]);
    expect(run.summary).toMatch(/\| race detector \| off: /);
  });
});
