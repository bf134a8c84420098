import { describe, expect, jest, test } from '@jest/globals';
import { build, module, plan, stampedMain } from './build-scene.ts';

// The standard library is compiled once for each target of these tests.
jest.setTimeout(300_000);

describe('the command line', () => {
  test("strips, trims paths and stamps the version in one -ldflags, the user's behind ours", async () => {
    const dir = module({ 'main.go': stampedMain });
    const [unit] = await plan(dir, 'linux/amd64', {
      ldflags: '-X main.version=mine',
      goflags: '-ldflags=-X=main.a=b -tags=x',
    });
    expect(unit?.args).toEqual([
      '-trimpath',
      '-buildvcs=false',
      '-ldflags=-s -w -X main.version=v1.2.3 -X=main.a=b -X main.version=mine',
      '-tags=x',
    ]);
  });

  test('stamps only strings that are there, so that a flag of that name builds', async () => {
    const dir = module({
      'cmd/flag/main.go':
        'package main\nimport "flag"\nvar version = flag.Bool("version", false, "")\nvar commit string\nfunc main() { flag.Parse(); println(commit) }\n',
      'cmd/text/main.go': stampedMain,
    });
    const units = await plan(dir, 'linux/amd64');
    const flags = units.map(({ mains, args }) => [mains.map(({ name }) => name), args.at(-1)]);
    expect(flags).toEqual([
      [['flag'], '-ldflags=-s -w -X main.commit=c0ffee'],
      [['text'], '-ldflags=-s -w -X main.version=v1.2.3'],
    ]);
    await build(dir, units);
  });

  test('stamps what the user names instead, or nothing', async () => {
    const dir = module({ 'main.go': stampedMain });
    const last = async (stamps: string[]): Promise<string | undefined> =>
      (await plan(dir, 'linux/amd64', { stamps }))[0]?.args.at(-1);
    expect(await last(['example.com/m/build.Version=v{version} ({commit})'])).toBe(
      "-ldflags=-s -w -X 'example.com/m/build.Version=vv1.2.3 (c0ffee)'",
    );
    expect(await last([])).toBe('-ldflags=-s -w');
  });

  test('does not decide about stamps of the commit when GOFLAGS does', async () => {
    const dir = module({ 'main.go': stampedMain });
    const [unit] = await plan(dir, 'linux/amd64', { goflags: '-buildvcs=true' });
    expect(unit?.args.some((arg) => arg.startsWith('-buildvcs'))).toBe(false);
  });

  test('cannot be added to by a version: it is one quoted word', async () => {
    const dir = module({ 'main.go': stampedMain });
    const [unit] = await plan(dir, 'linux/amd64', { version: '1 -extld=/bin/evil' });
    expect(unit?.args.at(-1)).toBe("-ldflags=-s -w -X 'main.version=1 -extld=/bin/evil'");
  });

  test('links cgo programs for Linux statically, unless the user links otherwise', async () => {
    const dir = module({ 'main.go': 'package main\nimport "C"\nfunc main() {}\n' });
    const flags = async (ldflags: string): Promise<string> =>
      (await plan(dir, 'linux/amd64', { ldflags }))[0]?.args.join(' ') ?? '';
    expect(await flags('')).toMatch(
      /-linkmode=external -extldflags=-static .*-tags=netgo,osusergo$/,
    );
    expect(await flags('-linkmode=internal')).not.toMatch(/static|netgo/);
  });
});
