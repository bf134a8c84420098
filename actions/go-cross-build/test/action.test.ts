import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { useBuildAction } from './build-action.ts';
import { commitModule, stampedMain, writeModule } from './go-module.ts';

jest.setTimeout(300_000);

const action = useBuildAction();
const { workspace, run: runAction } = action;

const twoMains = {
  'cmd/api/main.go': stampedMain,
  'cmd/worker/main.go': stampedMain,
  LICENSE: 'free\n',
};
const targets = 'linux/amd64\nwindows/arm64';

describe('a run', () => {
  test('leaves programs, archives, SBOMs and sums, the same in another folder', async () => {
    const sums: string[] = [];
    for (const name of ['ws', 'another/folder']) {
      const folder = workspace(twoMains, name);
      commitModule(folder);
      // Not ignored by Git on purpose: the second build must not see it as a change.
      mkdirSync(path.join(folder, 'dist'));
      writeFileSync(path.join(folder, 'dist', 'old.txt'), 'left by an earlier step');
      const result = await runAction(folder, { targets, version: 'v1.2.3' });
      expect(result.stdout).not.toContain('::warning');
      expect(result.exitCode).toBe(0);
      const dist = path.join(folder, 'dist');
      expect(result.outputs['checksums']).toBe(path.join(dist, 'checksums.txt'));
      expect(readdirSync(dist).sort()).toEqual([
        'api_1.2.3_linux_amd64.cdx.json',
        'api_1.2.3_linux_amd64.tar.gz',
        'api_1.2.3_windows_arm64.cdx.json',
        'api_1.2.3_windows_arm64.zip',
        'artifacts.json',
        'checksums.txt',
        'linux_amd64',
        'metadata.json',
        'old.txt',
        'rebuild.json',
        'windows_arm64',
        'worker_1.2.3_linux_amd64.cdx.json',
        'worker_1.2.3_linux_amd64.tar.gz',
        'worker_1.2.3_windows_arm64.cdx.json',
        'worker_1.2.3_windows_arm64.zip',
      ]);
      const artifacts = JSON.parse(readFileSync(result.outputs['artifacts'] ?? '', 'utf8')) as {
        type: string;
        path: string;
      }[];
      expect(artifacts.every((each) => existsSync(path.join(folder, each.path)))).toBe(true);
      expect(artifacts.map(({ type }) => type).filter((type) => type === 'Binary')).toHaveLength(4);
      sums.push(readFileSync(path.join(dist, 'checksums.txt'), 'utf8'));
      for (const line of (sums.at(-1) ?? '').trim().split('\n')) {
        const [sum, file = ''] = line.split('  ');
        const bytes = readFileSync(path.join(dist, file));
        expect(`${createHash('sha256').update(bytes).digest('hex')}  ${file}`).toBe(
          `${sum ?? ''}  ${file}`,
        );
      }
      expect(result.summary).toMatch(/api&#95;1\.2\.3&#95;linux&#95;amd64\.tar\.gz/);
    }
    expect(sums[1]).toBe(sums[0]);
  });

  test('stamps the commit as clean, though its own output is not ignored', async () => {
    const folder = workspace(twoMains);
    commitModule(folder);
    const inputs = { targets: 'linux/amd64', archive: 'false', sbom: 'false' };
    await runAction(folder, inputs);
    const result = await runAction(folder, inputs);
    const program = path.join(folder, 'dist', 'linux_amd64', 'api');
    const info = execFileSync('go', ['version', '-m', program], { encoding: 'utf8' });
    expect(info).toContain('vcs.modified=false');
    expect(info).toContain('-trimpath=true');
    expect(result.stdout).not.toContain('::warning');
  });

  test('says so when no program takes what is to be stamped', async () => {
    const folder = workspace(twoMains);
    const stamps = 'main.version={version}\nbuild.Version={version}';
    const { stdout, exitCode } = await runAction(folder, { 'plan-only': 'true', stamps });
    expect(stdout).toMatch(/::warning::stamps: build\.Version is in no program/);
    expect(stdout).not.toMatch(/main\.version is in no program/);
    expect(exitCode).toBe(0);
  });

  test('says so when the checkout is not clean', async () => {
    const folder = workspace(twoMains);
    commitModule(folder);
    writeFileSync(path.join(folder, 'stray.txt'), 'x');
    const result = await runAction(folder, { targets: 'linux/amd64', sbom: 'false' });
    expect(result.stdout).toMatch(/::warning::The checkout has changes that are not committed/);
    expect(result.exitCode).toBe(0);
  });

  test('builds groups and globs without what is taken out of them, and hands single targets to a matrix', async () => {
    const folder = workspace(twoMains);
    const lines = 'first-class\n*/riscv64\n!*bsd/*\n!windows/*\n!linux/386';
    const result = await runAction(folder, { targets: lines, 'plan-only': 'true' });
    const { include } = JSON.parse(result.outputs['matrix'] ?? '') as {
      include: { targets: string }[];
    };
    const planned = include.flatMap((job) => job.targets.split('\n')).sort();
    expect(planned).toEqual([
      'darwin/amd64',
      'darwin/arm64',
      'linux/amd64',
      'linux/arm',
      'linux/arm64',
      'linux/riscv64',
    ]);
  });

  test('that only plans sets the matrix and builds nothing', async () => {
    const folder = workspace(twoMains);
    const result = await runAction(folder, { targets, 'plan-only': 'true' });
    expect(JSON.parse(result.outputs['matrix'] ?? '')).toEqual({
      include: [
        {
          name: 'all',
          targets: 'linux/amd64\nwindows/arm64',
          packages: 'example.com/m/cmd/api\nexample.com/m/cmd/worker',
        },
      ],
    });
    expect(existsSync(path.join(folder, 'dist'))).toBe(false);
  });
});

describe('C code', () => {
  const files = {
    'main.go': 'package main\n\nfunc main() { println(how) }\n',
    'with.go': '//go:build cgo\n\npackage main\n\nimport "C"\n\nconst how = "with"\n',
    'without.go': '//go:build !cgo\n\npackage main\n\nconst how = "requires cgo to work"\n',
  };

  test('is left out with a warning where no compiler is found and the program loads without', async () => {
    const result = await runAction(workspace(files), { targets: 'linux/riscv64' });
    expect(result.exitCode).toBe(0);
    expect(result.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringMatching(
          /linux\/riscv64: the C code of \S+\/m is left out.*CC_linux_riscv64/,
        ),
      }),
    );
  });

  test('is left out without a word where CGO_ENABLED is 0', async () => {
    const options = { env: { CGO_ENABLED: '0' } };
    const result = await runAction(workspace(files), { targets: 'linux/riscv64' }, options);
    expect([result.exitCode, result.annotations]).toEqual([0, []]);
  });
});

describe('a run that fails', () => {
  test('shows the place in the pull request, and leaves no file', async () => {
    const folder = workspace({});
    writeModule(path.join(folder, 'svc'), {
      ...twoMains,
      'cmd/api/main.go': 'package main\n\nfunc main() {\n\tmissing()\n}\n',
    });
    const result = await runAction(folder, { 'working-directory': 'svc', targets });
    expect(result.exitCode).toBe(1);
    expect(result.annotations).toContainEqual(
      expect.objectContaining({
        message: 'undefined: missing',
        file: 'svc/cmd/api/main.go',
      }),
    );
    expect(existsSync(path.join(folder, 'dist', 'checksums.txt'))).toBe(false);
    expect(result.summary).toMatch(/failed[^]*What go printed/);
  });

  test.each([
    [{ targets: 'linux/amd46' }, /linux\/amd46.*valid and near: .*linux\/amd64/],
    [{ targets: 'linux/amd64\nandroid/amd64' }, /Android's NDK has to link them.*CC_android_amd64/],
    [{ targets: 'ios/arm64', cgo: 'false' }, /Xcode on a Mac has to link them/],
    [{ targets: 'wasip1/wasm', cgo: 'true' }, /Go has no cgo for the target wasip1\/wasm/],
    [{ packages: 'example.com/none' }, /example\.com\/none/],
    [{ version: 'a/b', targets: '-x' }, /version[^]*targets|targets[^]*version/],
  ])('by its inputs %j says which and why', async (inputs, message) => {
    const folder = workspace(twoMains);
    const result = await runAction(folder, inputs);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(message);
    expect(result.summary).toContain('go-cross-build: failed');
    expect(existsSync(path.join(folder, 'dist'))).toBe(false);
  });

  test('for lack of a C compiler names the variable to set', async () => {
    const folder = workspace({ 'main.go': 'package main\n\nimport "C"\n\nfunc main() {}\n' });
    const result = await runAction(folder, { targets: 'linux/riscv64' });
    expect(result.stdout).toMatch(/needs cgo.*CC_linux_riscv64/);
    expect(result.exitCode).toBe(1);
  });

  test('for lack of Go says what to run before', async () => {
    const folder = workspace(twoMains);
    const result = await runAction(folder, {}, { env: { PATH: path.dirname(process.execPath) } });
    expect(result.stdout).toMatch(/There is no go on PATH.*setup-go-cached/s);
  });

  test('because it is cancelled ends what it began and leaves nothing, in its folder or the temp folder', async () => {
    const folder = workspace({
      'main.go': 'package main\n\nimport "net/http"\n\nfunc main() { _ = http.Get }\n',
    });
    const scratch = mkdtempSync(path.join(action.root, 'scratch-'));
    const result = await runAction(
      folder,
      { targets: 'linux/amd64\nlinux/arm64' },
      {
        scratch,
        // An empty build cache keeps the compilers busy for long.
        env: { GOCACHE: path.join(scratch, 'go-cache') },
        signals: [{ signal: 'SIGINT', afterLine: 'Building' }],
      },
    );
    expect(result.exitCode).toBe(130);
    expect(result.stdout).toContain('The job was cancelled');
    expect(existsSync(path.join(folder, 'dist', 'artifacts.json'))).toBe(false);
    expect(readdirSync(path.join(scratch, 'temp'))).toEqual([]);
  });
});
