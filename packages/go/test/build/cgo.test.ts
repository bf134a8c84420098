import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import {
  findMains,
  parseTarget,
  readCgoEnabled,
  readPorts,
  type CgoMode,
  type GoPort,
  type MainPackage,
} from '../../src/index.ts';

jest.setTimeout(120_000);

const exec = systemExec({
  log: fakeLog(),
  env: { ...process.env, GOENV: 'off', GOFLAGS: '', CGO_ENABLED: '' },
});
let scratch: string;
let ports: GoPort[];

beforeAll(async () => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-cgo-test-'));
  ports = await readPorts(exec);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const main = 'package main\nimport _ "example.com/m/x"\nfunc main() {}\n';
const withC = 'package x\n\nimport "C"\n';

/** The only main of a module of these files. */
async function onlyMain(
  files: Readonly<Record<string, string>>,
  { target = 'linux/amd64', cgo = 'auto' }: { target?: string; cgo?: CgoMode } = {},
): Promise<MainPackage> {
  const dir = mkdtempSync(path.join(scratch, 'module-'));
  const all = { 'go.mod': 'module example.com/m\n', 'cmd/api/main.go': main, ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  const search = { dir, patterns: ['./...'], target: parseTarget(target, ports), cgo, tags: [] };
  const { mains } = await findMains(exec, search);
  const [program] = mains;
  if (program === undefined || mains.length > 1) throw new Error(`${mains.length} mains`);
  return program;
}

const nothing = 'package x\n';
const sibling = {
  'x/x.go': nothing,
  'x/x_cgo.go': `//go:build darwin && cgo\n\n${withC}`,
  'x/x_nocgo.go': '//go:build !(darwin && cgo)\n\npackage x\n\nconst how = "by hand"\n',
};

describe('a program is built without cgo', () => {
  test.each(['darwin/arm64', 'linux/amd64'])(
    'for %s when a file of pure Go stands in for its C code',
    async (target) => {
      expect(await onlyMain(sibling, { target })).toMatchObject({ cgoFor: undefined });
    },
  );

  test('when only comments of what stands in speak of cgo', async () => {
    const told = `//go:build !cgo\n\n// Less is known without cgo: CGO_ENABLED=1 would tell more.\n/* requires cgo */\npackage x\n\nconst home = "https://example.com"\n`;
    const files = { ...sibling, 'x/x_cgo.go': `//go:build cgo\n\n${withC}`, 'x/x_nocgo.go': told };
    expect(await onlyMain(files)).toMatchObject({ cgoFor: undefined });
  });

  test('when whoever would import the C code takes another package then', async () => {
    const other = 'import _ "example.com/m/pure"\n';
    const program = await onlyMain({
      'x/with.go': '//go:build cgo\n\npackage x\n\nimport _ "example.com/m/c"\n',
      'x/without.go': `//go:build !cgo\n\npackage x\n\n${other}`,
      'c/c.go': 'package c\n\nimport "C"\n',
      'pure/pure.go': 'package pure\n',
    });
    expect(program.cgoFor).toBeUndefined();
    expect(program.packages).toContain('example.com/m/pure');
    expect(program.packages).not.toContain('example.com/m/c');
  });

  test('though the standard library has C code, as that of net', async () => {
    const files = { 'x/x.go': 'package x\nimport _ "net"\n' };
    expect(await onlyMain(files)).toMatchObject({ cgoFor: undefined });
  });

  test('for a target that has no cgo, or when it is told so', async () => {
    const files = { 'x/x.go': nothing, 'x/c.go': withC };
    expect(await onlyMain(files, { target: 'wasip1/wasm' })).toMatchObject({ cgoFor: undefined });
    expect(await onlyMain(files, { cgo: 'false' })).toMatchObject({ cgoFor: undefined });
  });
});

describe('a program is built with cgo', () => {
  const x = 'example.com/m/x';

  test('when a package is nothing but C code, and then has no other way', async () => {
    const program = await onlyMain({ 'x/x.go': withC });
    expect(program.cgoFor).toBe(x);
    expect(program.withoutCgo).toBeUndefined();
  });

  test('when nothing takes the place of its C code', async () => {
    const program = await onlyMain({ 'x/x.go': nothing, 'x/driver.go': withC });
    expect(program.cgoFor).toBe(x);
    expect(program.withoutCgo).toMatchObject({ cgoFor: undefined, name: 'api' });
  });

  test('when what takes its place says that it does not work, as that of mattn/go-sqlite3', async () => {
    const program = await onlyMain({
      'x/driver.go': `//go:build cgo\n\n${withC}`,
      'x/static_mock.go':
        '//go:build !cgo\n\npackage x\n\nimport "errors"\n\nvar err = errors.New("Binary was compiled with \'CGO_ENABLED=0\', x requires cgo to work.")\n',
    });
    expect(program.cgoFor).toBe(x);
    expect(program.withoutCgo).toBeDefined();
  });

  test.each(['usb_disabled.go', 'x_stub.go', 'unsupported_linux.go', 'nsenter_unsupported.go'])(
    'when what takes its place does nothing, as its name %s says',
    async (name) => {
      const program = await onlyMain({
        'x/x_cgo.go': `//go:build cgo\n\n${withC}`,
        [`x/${name}`]: '//go:build !cgo\n\npackage x\n\nfunc find() []string { return nil }\n',
      });
      expect(program.cgoFor).toBe(x);
    },
  );

  test('when the main itself is C code', async () => {
    const program = await onlyMain({
      'x/x.go': nothing,
      'cmd/api/main.go': 'package main\n\nimport "C"\n\nfunc main() {}\n',
    });
    expect(program.cgoFor).toBe('example.com/m/cmd/api');
  });

  test('wherever there is C code when the environment says CGO_ENABLED=1', async () => {
    const files = { ...sibling, 'x/x_cgo.go': `//go:build cgo\n\n${withC}` };
    const program = await onlyMain(
      { ...files, 'x/x_nocgo.go': '//go:build !cgo\n\npackage x\n' },
      { cgo: 'present' },
    );
    expect(program.cgoFor).toBe(x);
  });
});

describe('who decides on cgo', () => {
  test.each([
    [{ CGO_ENABLED: '0' }, 'CGO_ENABLED=1\n', false],
    [{ CGO_ENABLED: '1' }, '', true],
    [{}, '# mine\n  CGO_ENABLED=0  \nGOPROXY=direct\n', false],
    [{ CGO_ENABLED: '' }, 'CGO_ENABLED=1\r\n', true],
    [{}, 'XCGO_ENABLED=1\n#CGO_ENABLED=1\n', undefined],
  ])('%j over the go.env %j is %j', async (env, text, decided) => {
    const goEnvFile = path.join(mkdtempSync(path.join(scratch, 'env-')), 'env');
    writeFileSync(goEnvFile, text);
    expect(await readCgoEnabled(env, { goEnvFile, root: scratch })).toBe(decided);
  });

  test('is the toolchain when neither environment nor user did, and nobody when GOENV is off', async () => {
    const root = mkdtempSync(path.join(scratch, 'root-'));
    expect(await readCgoEnabled({}, { goEnvFile: 'off', root })).toBeUndefined();
    writeFileSync(path.join(root, 'go.env'), 'CGO_ENABLED=0\n');
    expect(await readCgoEnabled({}, { goEnvFile: 'off', root })).toBe(false);
  });
});
