import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findCCompiler, missingCCompiler, parseTarget, type GoPort } from '../../src/index.ts';

const port = (goos: string, goarch: string): GoPort => ({
  goos,
  goarch,
  cgoSupported: true,
  firstClass: true,
});
const ports = [
  port('linux', 'amd64'),
  port('linux', 'arm64'),
  port('linux', 'arm'),
  port('windows', 'amd64'),
  port('darwin', 'arm64'),
];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-cc-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function find(text: string, programs: readonly string[], env: Record<string, string> = {}) {
  for (const program of programs)
    writeFileSync(
      path.join(folder, process.platform === 'win32' ? `${program}.exe` : program),
      '',
      {
        mode: 0o755,
      },
    );
  return findCCompiler({
    target: parseTarget(text, ports),
    env: { PATH: folder, ...env },
    host: { goos: 'linux', goarch: 'amd64' },
  });
}

describe('the C compiler', () => {
  test.each([
    ['linux/amd64', ['gcc', 'clang'], {}, 'gcc'],
    ['linux/amd64', ['clang'], {}, 'clang'],
    ['linux/amd64', ['gcc'], { CC: 'musl-gcc' }, 'musl-gcc'],
    ['linux/arm64', ['gcc', 'aarch64-linux-gnu-gcc'], {}, 'aarch64-linux-gnu-gcc'],
    ['linux/arm64', ['aarch64-linux-gnu-gcc'], { CC_linux_arm64: 'mine' }, 'mine'],
    ['linux/arm64', ['zig'], { CC: 'gcc' }, 'zig cc -target aarch64-linux-musl'],
    ['linux/arm/v7', ['arm-linux-gnueabihf-gcc'], {}, 'arm-linux-gnueabihf-gcc'],
    ['linux/arm/v6', ['zig'], { CC_linux_arm_6: 'six' }, 'six'],
    ['windows/amd64', ['x86_64-w64-mingw32-gcc'], {}, 'x86_64-w64-mingw32-gcc'],
  ])('for %s with %j on PATH and %j is %s', async (target, programs, env, cc) => {
    expect(await find(target, programs, env as Record<string, string>)).toMatchObject({ cc });
  });

  test('that is missing is an error which names the variable and the package to install', async () => {
    expect(await find('linux/arm64', ['gcc'])).toBeUndefined();
    const error = missingCCompiler(parseTarget('linux/arm64', ports), 'example.com/ledger');
    expect(error.message).toMatch(/example\.com\/ledger needs cgo.*linux\/arm64.*CC_linux_arm64/);
    expect(error.next).toMatch(/gcc-aarch64-linux-gnu.*cgo to false/);
  });

  test('of Debian for ARMv7 is not taken for ARMv6, whose processors it would crash', async () => {
    expect(await find('linux/arm/v6', ['arm-linux-gnueabihf-gcc'])).toBeUndefined();
  });

  test('of the host is not taken for another system', async () => {
    expect(await find('darwin/arm64', ['gcc', 'clang'], { CC: 'gcc' })).toBeUndefined();
  });
});
