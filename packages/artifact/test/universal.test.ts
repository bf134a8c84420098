import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import { readBuildInfo, writeUniversal } from '../src/index.ts';

jest.setTimeout(300_000);

let folder: string;
let programs: string[];

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-universal-'));
  writeFileSync(path.join(folder, 'go.mod'), 'module example.com/m\n');
  writeFileSync(path.join(folder, 'main.go'), 'package main\n\nfunc main() { println("hello") }\n');
  programs = ['amd64', 'arm64'].map((goarch) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOOS: 'darwin', GOARCH: goarch };
    execFileSync('go', ['build', '-trimpath', '-o', goarch, '.'], { cwd: folder, env });
    return path.join(folder, goarch);
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The slices of a universal program, as mach-o/fat.h lays them out. */
function slicesOf(bytes: Buffer): { cpu: number; offset: number; content: Buffer }[] {
  expect(bytes.readUInt32BE(0)).toBe(0xcafebabe);
  return Array.from({ length: bytes.readUInt32BE(4) }, (_, index) => {
    const at = 8 + 20 * index;
    const [cpu, offset, size] = [at, at + 8, at + 12].map((field) => bytes.readUInt32BE(field));
    const content = bytes.subarray(offset, (offset ?? 0) + (size ?? 0));
    return { cpu: cpu ?? 0, offset: offset ?? 0, content };
  });
}

describe('a universal program', () => {
  test('holds each program unchanged, where its processor can map it', async () => {
    const file = path.join(folder, 'both');
    await writeUniversal(file, programs);
    const slices = slicesOf(readFileSync(file));
    // CPU_TYPE_X86_64 and CPU_TYPE_ARM64 of mach/machine.h.
    expect(slices.map(({ cpu }) => cpu)).toEqual([0x01000007, 0x0100000c]);
    for (const [index, { content, offset }] of slices.entries()) {
      expect(offset % 16_384).toBe(0);
      expect(content.equals(readFileSync(programs[index] ?? ''))).toBe(true);
    }
  });

  test('is one for Go too, which finds its build information', async () => {
    const file = path.join(folder, 'again');
    await writeUniversal(file, programs);
    const exec = systemExec({ log: fakeLog(), env: process.env });
    const info = await readBuildInfo(exec, [file], new AbortController().signal);
    expect(info.get(file)?.settings['GOOS']).toBe('darwin');
  });

  test('is not made of what is no program for macOS', async () => {
    const text = path.join(folder, 'main.go');
    await expect(writeUniversal(path.join(folder, 'none'), [text])).rejects.toThrow(
      /main\.go is no 64-bit Mach-O program/,
    );
  });
});
