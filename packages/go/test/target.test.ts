import { beforeAll, describe, expect, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import { parseTarget, readPorts, type GoPort } from '../src/index.ts';

const exec = systemExec({ log: fakeLog(), env: process.env });
let ports: GoPort[];

beforeAll(async () => {
  ports = await readPorts(exec);
});

describe('a target', () => {
  test.each([
    ['linux/amd64', 'linux_amd64', { GOAMD64: 'v1' }, { os: 'linux', architecture: 'amd64' }],
    ['linux/amd64/v1', 'linux_amd64', { GOAMD64: 'v1' }, { os: 'linux', architecture: 'amd64' }],
    [
      'linux/amd64/v3',
      'linux_amd64v3',
      { GOAMD64: 'v3' },
      { os: 'linux', architecture: 'amd64', variant: 'v3' },
    ],
    [
      'linux/arm',
      'linux_armv7',
      { GOARM: '7' },
      { os: 'linux', architecture: 'arm', variant: 'v7' },
    ],
    [
      'linux/arm/v6',
      'linux_armv6',
      { GOARM: '6' },
      { os: 'linux', architecture: 'arm', variant: 'v6' },
    ],
    ['linux/arm64/v8', 'linux_arm64', { GOARM64: 'v8.0' }, { os: 'linux', architecture: 'arm64' }],
    [
      'linux/mips/softfloat',
      'linux_mips_softfloat',
      { GOMIPS: 'softfloat' },
      { os: 'linux', architecture: 'mips' },
    ],
    [
      'windows/amd64',
      'windows_amd64',
      { GOOS: 'windows' },
      { os: 'windows', architecture: 'amd64' },
    ],
    ['wasip1/wasm', 'wasip1_wasm', { GOOS: 'wasip1' }, { os: 'wasip1', architecture: 'wasm' }],
    [
      'wasip1/wasm/satconv,signext',
      'wasip1_wasm_satconv-signext',
      { GOWASM: 'satconv,signext' },
      { os: 'wasip1', architecture: 'wasm' },
    ],
  ])('%s is %s', (text, slug, env, platform) => {
    const target = parseTarget(text, ports);
    expect(target.slug).toBe(slug);
    expect(target.env).toMatchObject(env);
    expect(target.platform).toEqual(platform);
  });

  test('takes away a level that the environment sets, so that one text is one target', () => {
    expect(parseTarget('linux/arm64', ports).env).toHaveProperty('GOARM', undefined);
  });

  test.each([
    ['linux/amd46', /did you mean linux\/amd64\?\); valid and near: .*linux\/amd64/],
    ['windows/arm', /valid and near: windows\/386, windows\/amd64, windows\/arm64/],
    ['plan10/z80', /valid: aix\/ppc64, /],
    ['linux', /valid and near: linux\/386/],
    ['linux/amd64/v1/x', /unknown/],
    ['linux/arm/v8', /valid for arm: v5, v6, v7/],
    ['linux/s390x/v2', /s390x has none: write linux\/s390x/],
    ['../../etc', /unknown to this Go/],
    ['linux/amd64\n::error::x', /unknown/],
  ])('%j is refused with what is valid', (text, message) => {
    expect(() => parseTarget(text, ports)).toThrow(message);
  });
});

test('every port of this Go is a target whose name no other port has', () => {
  const slugs = ports.map(({ goos, goarch }) => parseTarget(`${goos}/${goarch}`, ports).slug);
  expect(slugs.length).toBeGreaterThan(40);
  expect(new Set(slugs).size).toBe(slugs.length);
});
