import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import { expandTargets, externalLinker, readPorts, type GoPort } from '../src/index.ts';

const exec = systemExec({ log: fakeLog(), env: process.env });
let ports: GoPort[];

beforeAll(async () => {
  ports = await readPorts(exec);
});

const texts = (...lines: string[]): string[] =>
  expandTargets(lines, ports).targets.map(({ text }) => text);

describe('a list of targets', () => {
  test('takes the first-class ports from the Go in use', () => {
    const firstClass = ports
      .filter((port) => port.firstClass)
      .map(({ goos, goarch }) => `${goos}/${goarch}`);
    expect(firstClass.length).toBeGreaterThan(6);
    expect(texts('first-class')).toEqual(firstClass);
  });

  test('takes as all what Go alone can link, and tells what it passes over', () => {
    const { targets, passedOver } = expandTargets(['all'], ports);
    expect(targets.length + passedOver.length).toBe(ports.length);
    expect(passedOver).toEqual([
      'android/386',
      'android/amd64',
      'android/arm',
      'ios/amd64',
      'ios/arm64',
    ]);
  });

  test.each([
    [['linux/*', '!linux/mips*', '!linux/ppc64*', '!linux/s390x'], /^linux\//, /mips|ppc|s390x/],
    [['*/arm64', '!ios/*'], /\/arm64$/, /ios|amd64/],
    [['*bsd/amd64'], /bsd\/amd64$/, /linux/],
  ])('%j stands for ports of that form alone', (lines, form, other) => {
    const found = texts(...lines);
    expect(found.length).toBeGreaterThan(2);
    for (const text of found) {
      expect(text).toMatch(form);
      expect(text).not.toMatch(other);
    }
  });

  test.each([
    [['linux/arm/v6', 'linux/arm', '!linux/arm'], ['linux/amd64']],
    [
      ['linux/arm/v6', 'linux/arm', '!linux/arm/v6'],
      ['linux/arm', 'linux/amd64'],
    ],
    [['linux/amd64', '!windows/arm', '! plan9/*'], ['linux/amd64']],
    [['windows/amd64', '!windows/*'], ['linux/amd64']],
    [['linux/amd64/v3'], ['linux/amd64/v3', 'linux/amd64']],
  ])('%j and linux/amd64 are %j', (lines, expected) => {
    const withAmd64 = lines.includes('linux/amd64') ? lines : [...lines, 'linux/amd64'];
    expect(texts(...withAmd64)).toEqual(expected);
  });

  test('may name in a group or a glob what it names alone', () => {
    expect(texts('windows/*', 'windows/amd64')).toEqual(texts('windows/*'));
  });

  test.each([
    [['linux/arm', 'linux/arm/v7'], /linux\/arm\/v7 is listed twice \(as linux\/arm too\)/],
    [[], /at least one/],
    [['linux/amd64', '!linux/*'], /No target is left/],
    [['linus/*'], /"linus\/\*" stands for no port of this Go. Did you mean "linux\/\*"\?/],
    [['*/amd46'], /Did you mean "\*\/amd64"\?/],
    [['linux/amd64', '!windwos/arm64'], /did you mean windows\/arm64\?/],
    [['linux/amd64', '!linux/*/v7'], /stands for no port/],
    [['constructor'], /unknown to this Go/],
  ])('%j is refused', (lines, message) => {
    expect(() => texts(...lines)).toThrow(message);
  });
});

describe('the linker of a port', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-linker-'));
    writeFileSync(path.join(folder, 'go.mod'), 'module example.com/m\n');
    writeFileSync(path.join(folder, 'main.go'), 'package main\n\nfunc main() {}\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is another than Go's own where Go says so", () => {
    const asked = ports
      .filter(({ goos }) => ['android', 'ios', 'linux'].includes(goos))
      .slice(0, 8);
    for (const { goos, goarch } of asked) {
      const env = { ...process.env, CGO_ENABLED: '0', GOOS: goos, GOARCH: goarch };
      const { status, stderr } = spawnSync('go', ['build', '-n'], { cwd: folder, env });
      const refused = status !== 0 && String(stderr).includes('requires external (cgo) linking');
      expect([goos, goarch, refused]).toEqual([
        goos,
        goarch,
        externalLinker({ goos, goarch }) !== undefined,
      ]);
    }
  });
});
