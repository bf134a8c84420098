import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { systemClock } from '@slipway/runtime';
import { fakeLog } from '@slipway/testing';
import {
  chooseStamps,
  findMains,
  parseTarget,
  planParallelism,
  planTarget,
  programName,
  readGoFlags,
  readPorts,
  runBuilds,
  type BuildUnit,
  type GoPort,
} from '../src/index.ts';

// The standard library is compiled once for each target of these tests.
jest.setTimeout(300_000);

// A go.env of the machine must not decide what these tests see.
const env = { ...process.env, GOENV: 'off', GOFLAGS: '', CGO_ENABLED: '' };
const exec = systemExec({ log: fakeLog(), env });
const signal = new AbortController().signal;
let scratch: string;
let ports: GoPort[];

beforeAll(async () => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-build-test-'));
  ports = await readPorts(exec);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const stampedMain = 'package main\nvar version = "dev"\nfunc main() { println(version) }\n';
const host = `${process.platform === 'win32' ? 'windows' : process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;

function module(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(path.join(scratch, 'module-'));
  for (const [name, text] of Object.entries({ 'go.mod': 'module example.com/m\n', ...files })) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  return dir;
}

function mainsOf(dir: string, target = 'linux/amd64', patterns: readonly string[] = ['./...']) {
  return findMains(exec, {
    dir,
    patterns,
    target: parseTarget(target, ports),
    cgo: 'auto',
    tags: [],
  });
}

async function plan(
  dir: string,
  target: string,
  settings: { version?: string; ldflags?: string; goflags?: string; stamps?: string[] } = {},
): Promise<BuildUnit[]> {
  return planFor(await mainsOf(dir, target), settings);
}

async function planFor(
  mains: Awaited<ReturnType<typeof mainsOf>>,
  settings: Parameters<typeof plan>[2] = {},
): Promise<BuildUnit[]> {
  const source = {
    commit: 'c0ffee',
    epochSeconds: 0,
    dirty: false,
    changes: [],
    notStamped: 'a test',
  };
  return planTarget(
    mains,
    {
      source,
      stamps: chooseStamps(settings.stamps, { version: settings.version ?? 'v1.2.3', source }),
      cgo: 'auto',
      ldflags: settings.ldflags ?? '',
      tags: [],
      goFlags: readGoFlags(settings.goflags ?? ''),
    },
    undefined,
  );
}

function build(dir: string, units: readonly BuildUnit[], log = fakeLog()) {
  return runBuilds(
    { exec, log, clock: systemClock },
    {
      dir,
      units,
      parallelism: planParallelism({ cores: 2, memoryBytes: 4e9 }, units.length),
      scratch: mkdtempSync(path.join(scratch, 'out-')),
      signal,
      onBuilt: (built) => Promise.resolve(built),
    },
  );
}

describe('the mains of a target', () => {
  test('are found behind patterns, without what build constraints leave out', async () => {
    const dir = module({
      'cmd/api/main.go': stampedMain,
      'cmd/wasm/main.go': `//go:build wasip1\n\n${stampedMain}`,
      'lib/lib.go': 'package lib\n',
    });
    expect((await mainsOf(dir)).mains.map(({ name }) => name)).toEqual(['api']);
    const named = await mainsOf(dir, 'linux/amd64', ['./cmd/api', './cmd/wasm']);
    expect(named.mains.map(({ name }) => name)).toEqual(['api']);
    expect(named.excluded).toEqual(['example.com/m/cmd/wasm']);
    expect((await mainsOf(dir, 'wasip1/wasm')).mains.map(({ name }) => name)).toEqual([
      'api',
      'wasm',
    ]);
  });

  test('named by a file are built as go builds them, and called by their folder', async () => {
    const dir = module({ 'main.go': stampedMain, 'other.go': 'package main\n\nfunc main() {}\n' });
    const search = {
      dir,
      patterns: ['main.go'],
      target: parseTarget(host, ports),
      cgo: 'auto' as const,
      tags: [],
    };
    const found = await findMains(exec, search);
    expect(found.mains).toMatchObject([{ name: path.basename(dir), sources: ['main.go'] }]);
    const named = await findMains(exec, { ...search, names: [{ of: undefined, name: 'tool' }] });
    const [unit] = await planFor(named);
    const [built] = await build(dir, unit === undefined ? [] : [unit]);
    const { stderr } = spawnSync(built?.programs[0]?.file ?? '', { encoding: 'utf8' });
    expect([built?.programs[0]?.name, stderr]).toEqual(['tool', 'v1.2.3\n']);
  });

  test('that Go calls the same are built in turn, each under the name of its service', async () => {
    const files = ['orders', 'stock'].map((name): [string, string] => [
      `services/${name}/cmd/server/main.go`,
      `package main\nfunc main() { println("${name}") }\n`,
    ]);
    const dir = module(Object.fromEntries(files));
    const units = await plan(dir, host);
    expect(units).toHaveLength(2);
    const programs = (await build(dir, units)).flatMap((built) => built.programs);
    expect(
      programs.map(({ name, file }) => [name, spawnSync(file, { encoding: 'utf8' }).stderr]),
    ).toEqual([
      ['orders', 'orders\n'],
      ['stock', 'stock\n'],
    ]);
  });

  test('take linker flags for a pattern beside those for all', async () => {
    const source =
      'package main\nvar version, edition string\nfunc main() { println(version, edition) }\n';
    const dir = module({ 'cmd/api/main.go': source });
    const units = await plan(dir, host, { goflags: '"-ldflags=all=-X main.edition=pro"' });
    const [built] = await build(dir, units);
    const { stderr } = spawnSync(built?.programs[0]?.file ?? '', { encoding: 'utf8' });
    expect(stderr).toBe('v1.2.3 pro\n');
  });

  test('are named as go build names them', () => {
    expect(programName('example.com/tool/v2')).toBe('tool');
    expect(programName('example.com/cmd/v1')).toBe('v1');
    expect(programName('example.com/cmd/api')).toBe('api');
  });

  test.each([
    [{ 'a/lib.go': 'package lib\n' }, ['./...'], /none of \.\/\.\.\. is a "package main"/],
    [
      { 'a/s/m.go': stampedMain, 'b/s/m.go': stampedMain },
      ['./...'],
      /both make a program named s/,
    ],
    [{ 'main.go': 'package main\nimport "example.com/none"\nfunc main() {}' }, ['.'], /main\.go:2/],
    [{ 'main.go': stampedMain }, ['./nowhere'], /nowhere/],
  ])('that cannot be had from %j are an error', async (files, patterns, message) => {
    await expect(
      mainsOf(module(files as unknown as Record<string, string>), 'linux/amd64', patterns),
    ).rejects.toThrow(message);
  });
});

describe('a build', () => {
  const files = { 'cmd/one/main.go': stampedMain, 'cmd/two/main.go': stampedMain };

  test('makes all programs of a target with one go build, each with its stamp', async () => {
    const dir = module(files);
    const units = await plan(dir, host);
    expect(units).toHaveLength(1);
    const [built] = await build(dir, units);
    const printed = (built?.programs ?? []).map(({ file }) => spawnSync(file).stderr.toString());
    expect(printed).toEqual(['v1.2.3\n', 'v1.2.3\n']);
    expect(built?.programs.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  test('gives the same bytes in another folder and at another time', async () => {
    const sums = [];
    for (const nested of ['', 'deeper/still/']) {
      const dir = path.join(module({ [`${nested}go.mod`]: 'module example.com/m\n' }), nested);
      mkdirSync(path.join(dir, 'cmd/one'), { recursive: true });
      writeFileSync(path.join(dir, 'cmd/one/main.go'), stampedMain);
      const built = await build(dir, [
        ...(await plan(dir, 'linux/arm64')),
        ...(await plan(dir, 'windows/amd64')),
        ...(await plan(dir, 'wasip1/wasm')),
      ]);
      sums.push(
        built.flatMap(({ programs }) =>
          programs.map(({ file }) => createHash('sha256').update(readFileSync(file)).digest('hex')),
        ),
      );
    }
    expect(sums[0]).toHaveLength(3);
    expect(sums[1]).toEqual(sums[0]);
  });

  test('keeps the UUID that macOS wants in a program', async () => {
    const dir = module({ 'main.go': stampedMain });
    const [built] = await build(dir, await plan(dir, 'darwin/arm64'));
    const bytes = readFileSync(built?.programs[0]?.file ?? '');
    const commands = [];
    for (let index = 0, at = 32; index < bytes.readUInt32LE(16); index += 1) {
      commands.push(bytes.readUInt32LE(at));
      at += bytes.readUInt32LE(at + 4);
    }
    expect(commands).toContain(0x1b);
  });

  test('that fails names file and line, stops the others and leaves no work folder', async () => {
    const dir = module({
      ...files,
      'cmd/one/main.go': 'package main\n\nfunc main() {\n\tundefinedThing()\n}\n',
    });
    const out = mkdtempSync(path.join(scratch, 'failing-'));
    const units = [...(await plan(dir, 'linux/amd64')), ...(await plan(dir, 'linux/arm64'))];
    const running = runBuilds(
      { exec, log: fakeLog(), clock: systemClock },
      {
        dir,
        units,
        parallelism: planParallelism({ cores: 2, memoryBytes: 4e9 }, 1),
        scratch: out,
        signal,
        onBuilt: (built) => Promise.resolve(built),
      },
    );
    await expect(running).rejects.toMatchObject({
      name: 'BuildFailure',
      diagnostics: [
        {
          file: path.join(dir, 'cmd', 'one', 'main.go'),
          line: 4,
          message: 'undefined: undefinedThing',
        },
      ],
    });
    expect(readdirSync(out).filter((name) => name.endsWith('.work'))).toEqual([]);
  });

  test('that is cancelled rejects with the reason', async () => {
    const dir = module(files);
    const cancel = new AbortController();
    const log = fakeLog();
    const running = runBuilds(
      { exec, log, clock: systemClock },
      {
        dir,
        units: await plan(dir, 'linux/riscv64'),
        parallelism: planParallelism({ cores: 2, memoryBytes: 4e9 }, 1),
        scratch: mkdtempSync(path.join(scratch, 'cancelled-')),
        signal: cancel.signal,
        onBuilt: (built) => Promise.resolve(built),
      },
    );
    setImmediate(() => cancel.abort(new Error('the job was cancelled')));
    await expect(running).rejects.toThrow('the job was cancelled');
  });
});

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
