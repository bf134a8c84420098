import { describe, expect, test } from '@jest/globals';
import { findProgram, isBatchFile, type ProgramLookup } from '../src/program.ts';

function machine(
  platform: NodeJS.Platform,
  env: Record<string, string>,
  programs: readonly string[],
): ProgramLookup {
  return { platform, env, isProgram: (file) => programs.includes(file) };
}

describe('findProgram', () => {
  test('takes the first folder of PATH that has the program', () => {
    const linux = machine('linux', { PATH: '/a:/b:/c' }, ['/b/helm', '/c/helm']);
    expect(findProgram('helm', '/work', linux)).toBe('/b/helm');
  });

  test('never takes a program from the working folder or a relative entry of PATH', () => {
    const linux = machine('linux', { PATH: ':.:bin' }, ['/work/helm', '/work/bin/helm', 'helm']);
    expect(findProgram('helm', '/work', linux)).toBeUndefined();
    const windows = machine('win32', { Path: '.;', PATHEXT: '.EXE' }, ['C:\\work\\helm.EXE']);
    expect(findProgram('helm', 'C:\\work', windows)).toBeUndefined();
  });

  test('takes a name with a slash from the working folder', () => {
    const linux = machine('linux', { PATH: '/a' }, ['/work/bin/tool', '/a/tool']);
    expect(findProgram('./bin/tool', '/work', linux)).toBe('/work/bin/tool');
    expect(findProgram('/a/tool', '/work', linux)).toBe('/a/tool');
  });

  test.each([
    ['go', 'C:\\Go\\bin\\go.EXE'],
    ['go.exe', 'C:\\Go\\bin\\go.exe'],
    ['npm', 'C:\\node\\npm.CMD'],
    ['C:\\node\\npm', 'C:\\node\\npm.CMD'],
    ['..\\node\\npm.CMD', 'C:\\node\\npm.CMD'],
    ['tool.v2', 'C:\\node\\tool.v2.EXE'],
    ['python', undefined],
  ])('on Windows %j is found as %j, by PATHEXT and whatever the case of Path', (file, expected) => {
    const windows = machine(
      'win32',
      { Path: 'C:\\Go\\bin;C:\\node', PATHEXT: '.COM;.EXE;.BAT;.CMD' },
      [
        'C:\\Go\\bin\\go.EXE',
        'C:\\Go\\bin\\go.exe',
        'C:\\node\\npm.CMD',
        'C:\\node\\npm',
        'C:\\node\\tool.v2.EXE',
      ],
    );
    expect(findProgram(file, 'C:\\work', windows)).toBe(expected);
  });
});

test('only on Windows is a batch file one', () => {
  expect([
    isBatchFile('C:\\node\\npm.CMD', 'win32'),
    isBatchFile('C:\\go.exe', 'win32'),
    isBatchFile('/bin/x.cmd', 'linux'),
  ]).toEqual([true, false, false]);
});
