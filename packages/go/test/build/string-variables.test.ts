import { expect, test } from '@jest/globals';
import { stringVariables } from '../../src/index.ts';

test.each([
  ['var version = "dev"', ['version']],
  ['var version string', ['version']],
  ['var version string = build()', ['version']],
  [
    'var (\n\tversion = "dev" // of make\n\tcommit, date string\n\n\tverbose bool\n)',
    ['version', 'commit', 'date'],
  ],
  ['var version, commit = "dev", `none`', ['version', 'commit']],
  ['var version, port = "dev", 8080', ['version']],
  ['var version = "a" +\n\t"b"; var date = ""', ['version', 'date']],
  ['const unset = "dev"\nvar version = unset', ['version']],
  ['var version = /* of the tag */ "dev"', ['version']],
])('of %j the linker can set %j', (source, names) => {
  expect([...stringVariables([`package main\n\nimport "flag"\n${source}\n`]).strings]).toEqual(
    names,
  );
});

test.each([
  'var version = flag.Bool("version", false, "print the version")',
  'var version bool',
  'var version []string',
  'var version = []string{"a", "b"}',
  'var version *string',
  'var version = func() string { return "" }()',
  'var version = otherwise()',
])('%j would make the linker fail', (source) => {
  const { strings, others } = stringVariables([`package main\n${source}\n`]);
  expect([[...strings], [...others]]).toEqual([[], ['version']]);
});

test.each([
  'func main() {\n\tvar version = "dev"\n\t_ = version\n}',
  '// var version = "dev"',
  '/* var version = "dev" */',
  'const version = "dev"',
  'const text = `\nvar version = "dev"\n`',
  'const quote = \'"\'\n// "var version string"',
  'type version struct{ version string }',
])('%j has no such variable', (source) => {
  const { strings, others } = stringVariables([`package main\n${source}\n`]);
  expect([...strings, ...others]).toEqual([]);
});

test('a constant may stand in another file of the package', () => {
  const { strings } = stringVariables([
    'package main\nvar version = unset\n',
    'package main\nconst unset = "dev"\n',
  ]);
  expect([...strings]).toEqual(['version']);
});

test('what is no Go, or ends in the middle, ends the reading too', () => {
  for (const source of ['var version = "', 'var (', 'var', '`', "'", '/*', 'var version = ((('])
    expect(() => stringVariables([source])).not.toThrow();
});
