import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { useBuildAction } from './build-action.ts';
import { stampedMain } from './go-module.ts';

jest.setTimeout(300_000);

const { workspace, run: runAction } = useBuildAction();

const files = {
  'cmd/api/main.go': stampedMain,
  'man/api.1': 'manual\n',
  'scripts/install.sh': '#!/bin/sh\n',
  LICENSE: 'free\n',
};

const listOf = (tar: Buffer): string[] =>
  execFileSync('tar', ['-tf', '-'], { input: tar, encoding: 'utf8' }).trim().split('\n');

describe('archives', () => {
  test('have the names, formats and files that are asked for', async () => {
    const folder = workspace(files);
    chmodSync(path.join(folder, 'scripts/install.sh'), 0o755);
    const result = await runAction(folder, {
      targets: 'linux/amd64\nwindows/amd64',
      version: 'v1.2.3',
      sbom: 'false',
      'archive-name': '{name}_{Os}_{machine}',
      'archive-format': 'tar.zst',
      'archive-files': 'man/*=share/man/\nscripts',
    });
    expect([result.exitCode, result.annotations]).toEqual([0, []]);
    const dist = path.join(folder, 'dist');
    const archives = readdirSync(dist).filter((name) => name.startsWith('api_'));
    expect(archives.sort()).toEqual(['api_Linux_x86_64.tar.zst', 'api_Windows_x86_64.zip']);
    const packed = zstdDecompressSync(readFileSync(path.join(dist, 'api_Linux_x86_64.tar.zst')));
    expect(listOf(packed)).toEqual(['LICENSE', 'api', 'scripts/install.sh', 'share/man/api.1']);
  });

  test('hold one program for both processors of macOS, in the place of two', async () => {
    const folder = workspace(files);
    const result = await runAction(folder, {
      targets: 'darwin/amd64\ndarwin/arm64',
      version: 'v1.2.3',
      universal: 'only',
    });
    expect([result.exitCode, result.annotations]).toEqual([0, []]);
    const dist = path.join(folder, 'dist');
    expect(readdirSync(dist).sort()).toEqual([
      'api_1.2.3_darwin_all.cdx.json',
      'api_1.2.3_darwin_all.tar.gz',
      'artifacts.json',
      'checksums.txt',
      'darwin_all',
      'metadata.json',
      'rebuild.json',
    ]);
    const told = execFileSync('file', [path.join(dist, 'darwin_all', 'api')], { encoding: 'utf8' });
    expect(told).toMatch(/universal binary with 2 architectures.*x86_64.*arm64/s);
  });

  test('hold universal programs also under names that say nothing of a processor', async () => {
    const folder = workspace(files);
    const result = await runAction(folder, {
      targets: 'darwin/amd64\ndarwin/arm64\nlinux/amd64',
      version: 'v1.2.3',
      universal: 'only',
      'archive-name': '{name}_{os}',
    });
    expect([result.exitCode, result.annotations]).toEqual([0, []]);
    const made = readdirSync(path.join(folder, 'dist')).filter((name) => !name.endsWith('.json'));
    expect(made.sort()).toEqual([
      'api_darwin.tar.gz',
      'api_linux.tar.gz',
      'checksums.txt',
      'darwin_all',
      'linux_amd64',
    ]);
  });

  test.each([
    [{ 'archive-name': '{name}', targets: 'linux/amd64\nlinux/arm64' }, /would both be called api/],
    [
      { 'archive-name': '{name}', targets: 'linux/amd64\nlinux/arm64', 'plan-only': 'true' },
      /would both be called api/,
    ],
    [{ 'archive-name': '{os}_{arch}', archive: 'false' }, /called linux_amd64, as the folder/],
    [{ 'archive-files': 'none/*' }, /archive-files: "none\/\*" names no file/],
    [{ 'archive-files': 'LICENSE=api' }, /"api" is where the program itself is/],
    [{ universal: 'true', targets: 'darwin/arm64' }, /targets has no darwin\/amd64/],
  ])('are refused before the build for %j', async (inputs, message) => {
    const result = await runAction(workspace(files), inputs);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(message);
    expect(result.stdout).not.toContain('Building');
  });

  test.each(['true', 'only'])(
    'of a job for one target hold that alone where the service has universal: %s',
    async (universal) => {
      const folder = workspace(files);
      const settings = JSON.stringify({ universal });
      const inputs = { settings, version: 'v1.2.3', sbom: 'false' };
      const result = await runAction(folder, { ...inputs, targets: 'darwin/arm64' });
      expect([result.exitCode, result.annotations]).toEqual([0, []]);
      expect(readdirSync(path.join(folder, 'dist'))).toContain('api_1.2.3_darwin_arm64.tar.gz');
      const missing = await runAction(folder, { ...inputs, targets: 'linux/amd64\ndarwin/arm64' });
      expect(missing.stdout).toMatch(/targets has no darwin\/amd64/);
    },
  );

  test('without a darwin target have no universal program, as in a job of a matrix', async () => {
    const result = await runAction(workspace(files), { universal: 'true', sbom: 'false' });
    expect(result.exitCode).toBe(0);
  });
});
