import { describe, expect, test } from '@jest/globals';
import {
  essentialLines,
  failurePlace,
  failuresOf,
  headline,
  renderJunit,
  testRecorder,
  type TestFailure,
} from '@slipway/go';

/** Reads events as `go test -json` prints them; texts are lines that are no events. */
function record(events: readonly (object | string)[]) {
  const printed: string[] = [];
  const recorder = testRecorder((line) => printed.push(line));
  for (const event of events)
    recorder.line(typeof event === 'string' ? event : JSON.stringify(event));
  return { printed, report: recorder.report() };
}

const of = (Package: string) => ({
  run: (Test: string) => ({ Action: 'run', Package, Test }),
  says: (Output: string, Test?: string) => ({ Action: 'output', Package, Test, Output }),
  ends: (Action: string, Test?: string, Elapsed = 0) => ({ Action, Package, Test, Elapsed }),
});

describe('the recorder', () => {
  test('keeps packages apart that are tested side by side, and prints each when it ended', () => {
    const [a, b] = [of('m/a'), of('m/b')];
    const { printed, report } = record([
      a.run('TestA'),
      b.run('TestB'),
      a.says('=== RUN   TestA\n', 'TestA'),
      b.says('=== RUN   TestB\n', 'TestB'),
      b.says('    b_test.go:3: wr', 'TestB'),
      a.says('fine\n', 'TestA'),
      b.says('ong\n', 'TestB'),
      b.says('--- FAIL: TestB (0.00s)\n', 'TestB'),
      b.ends('fail', 'TestB'),
      b.says('FAIL\tm/b\t0.1s\n'),
      a.ends('pass', 'TestA', 0.2),
      b.ends('fail'),
      a.says('PASS\n'),
      a.says('ok  \tm/a\t(cached)\n'),
      a.ends('pass'),
    ]);
    expect(printed).toEqual([
      '=== RUN   TestB',
      '    b_test.go:3: wrong',
      '--- FAIL: TestB (0.00s)',
      'FAIL\tm/b\t0.1s',
      'ok  \tm/a\t(cached)',
    ]);
    expect(
      report.packages.map(({ importPath, outcome, cached }) => [importPath, outcome, cached]),
    ).toEqual([
      ['m/b', 'failed', false],
      ['m/a', 'passed', true],
    ]);
  });

  test('hands on lines that are no events, whatever they look like', () => {
    const lines = ['go: downloading x v1.0.0', '{"Action":', '{}', '{"Action":7}', '{'];
    const { printed, report } = record(lines);
    expect(printed).toEqual(lines);
    expect([report.stray, report.packages]).toEqual([lines, []]);
  });

  test('takes a package for failed that go did not finish', () => {
    const a = of('m/a');
    const { report } = record([a.run('TestA'), a.says('half', 'TestA')]);
    expect(report.packages).toMatchObject([
      { outcome: 'failed', tests: [{ name: 'TestA', outcome: 'unfinished', lines: ['half'] }] },
    ]);
  });

  test('keeps what a failed test said though others print more than is kept', () => {
    const a = of('m/a');
    const chatter = 'x'.repeat(99_999);
    const { report } = record([
      a.says('    a_test.go:1: why\n', 'TestWhy'),
      a.ends('fail', 'TestWhy'),
      ...Array.from({ length: 100 }, (_, index) => [
        a.says(`${chatter}\n`, `TestLoud${index}`),
        a.ends('pass', `TestLoud${index}`),
      ]).flat(),
      a.ends('fail'),
    ]);
    expect(failuresOf(report)).toMatchObject([
      { test: 'TestWhy', lines: ['    a_test.go:1: why'] },
    ]);
  });

  test('knows builds that failed before Go 1.24, which tells of them on standard error', () => {
    const recorder = testRecorder(() => undefined);
    for (const line of ['# m/a [m/a.test]', 'a/a.go:3:1: undefined: x', '# m/b', 'b/b.go:1:1: y'])
      recorder.stray(line);
    const a = of('m/a');
    for (const event of [a.says('FAIL\tm/a [build failed]\n'), a.ends('fail')])
      recorder.line(JSON.stringify(event));
    const [failure] = failuresOf(recorder.report());
    expect(failure).toMatchObject({
      kind: 'build',
      lines: ['# m/a [m/a.test]', 'a/a.go:3:1: undefined: x'],
    });
    expect(failure && headline(failure)).toBe('a/a.go:3:1: undefined: x');
  });

  test('names a test rather than those around it, and both when both said something', () => {
    const a = of('m/a');
    const quiet = record([
      a.says('--- FAIL: TestA (0.00s)\n', 'TestA'),
      a.says('    a_test.go:5: no\n', 'TestA/b'),
      a.ends('fail', 'TestA/b'),
      a.ends('fail', 'TestA'),
      a.ends('fail'),
    ]);
    expect(failuresOf(quiet.report).map((failure) => failure.test)).toEqual(['TestA/b']);
  });
});

describe('the place of a failure', () => {
  const folder = { dir: '/ws/lib/price', files: new Set(['price_test.go', 'price.go']) };
  const place = (kind: TestFailure['kind'], ...lines: string[]) =>
    failurePlace({ kind, importPath: 'm/price', test: 'TestX', lines }, folder, '/ws');

  test.each([
    [
      'the last line in its own files',
      'test',
      ['    price_test.go:3: log', '    price_test.go:5: bad', '    helper.go:9: other'],
      5,
    ],
    [
      'what testify calls the trace',
      'test',
      ['    assert.go:1: ', '        Error Trace:\t/ws/lib/price/price_test.go:7'],
      7,
    ],
    [
      'a frame of the package',
      'panic',
      ['panic: x', '\t/usr/go/src/panic.go:1 +0x1', '\t/ws/lib/price/price.go:8 +0x2'],
      8,
    ],
    ['a whole path, with -fullpath', 'test', ['    /ws/lib/price/price_test.go:4: bad'], 4],
  ] as const)('is %s', (_, kind, lines, line) => {
    expect(place(kind, ...lines)?.line).toBe(line);
  });

  test('is not made up', () => {
    expect(place('test', '    other_test.go:3: x', '\t/etc/passwd.go:1')).toBeUndefined();
    expect(place('test', '    ../../../x.go:3: x')).toBeUndefined();
  });
});

describe('what is told of a failure', () => {
  test('begins with the panic, and ends before the goroutines fill the page', () => {
    const lines = ['noise', 'panic: boom', ...Array.from({ length: 50 }, (_, at) => `frame ${at}`)];
    const failure: TestFailure = { kind: 'panic', importPath: 'm', test: 'TestX', lines };
    expect(essentialLines(failure, 3)).toEqual(['panic: boom', 'frame 0', 'frame 1', '…']);
    expect(headline(failure)).toBe('panic: boom');
  });

  test('is testify’s error rather than its trace', () => {
    const lines = [
      '    a_test.go:3: ',
      '        \tError Trace:\t/a_test.go:3',
      '        \tError:      \tNot equal: 1',
    ];
    const failure: TestFailure = { kind: 'test', importPath: 'm', test: 'TestX', lines };
    expect(headline(failure)).toBe('a_test.go:3: Error: Not equal: 1');
  });
});

test('JUnit gets no test that passed where a package failed, and no character that XML lacks', () => {
  const a = of('m/a<&>');
  const { report } = record([a.says('setting up\u0000\u001b[31m failed ]]>\n'), a.ends('fail')]);
  const xml = renderJunit(report);
  expect(xml).toContain('<testsuite name="m/a&lt;&amp;&gt;" tests="1" failures="1"');
  expect(xml).toContain('>setting up\ufffd\ufffd[31m failed ]]&gt;</failure>');
});
