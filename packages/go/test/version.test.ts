import { describe, expect, test } from '@jest/globals';
import { InputError } from '@slipway/runtime';
import { readVersionFile } from '../src/version/file.ts';
import { newestMatch, parseVersionQuery } from '../src/version/query.ts';
import { resolveVersion } from '../src/version/resolution.ts';
import {
  compareGoVersions,
  parseGoVersion,
  releaseName,
  semverName,
  type GoVersion,
} from '../src/version/version.ts';

function version(text: string): GoVersion {
  const parsed = parseGoVersion(text);
  if (parsed === undefined) throw new Error(`${text} is not a version`);
  return parsed;
}

describe('a Go version', () => {
  test.each([
    ['1.24.3', '1.24.3', '1.24.3'],
    ['go1.24.3', '1.24.3', '1.24.3'],
    ['1.25rc1', '1.25rc1', '1.25.0-rc.1'],
    ['1.25.0-rc.1', '1.25rc1', '1.25.0-rc.1'],
    ['1.21.0', '1.21.0', '1.21.0'],
    ['1.20.0', '1.20', '1.20.0'],
    ['1.20', '1.20', '1.20.0'],
    ['1.9beta2', '1.9beta2', '1.9.0-beta.2'],
  ])('%s is the release %s and the tool-cache folder %s', (text, name, folder) => {
    expect([releaseName(version(text)), semverName(version(text))]).toEqual([name, folder]);
  });

  test.each(['', '1.2.3.4', '1.x', 'v1.2', '1.2.3; rm -rf /', '../1.2', '01.2', '1.2rc', '١.٢'])(
    'is not %j',
    (text) => {
      expect(parseGoVersion(text)).toBeUndefined();
    },
  );

  test('is ordered with prereleases before their release', () => {
    const shuffled = ['1.25.0', '1.9.2', '1.25rc2', '1.24.11', '1.25beta1', '1.25rc10', '1.24.9'];
    expect(shuffled.map(version).sort(compareGoVersions).map(releaseName)).toEqual([
      '1.9.2',
      '1.24.9',
      '1.24.11',
      '1.25beta1',
      '1.25rc2',
      '1.25rc10',
      '1.25.0',
    ]);
  });
});

const published = [
  ...['1.20', '1.20.14', '1.23.12', '1.24.0', '1.24.9', '1.24.10'],
  ...['1.25rc1', '1.25.0', '1.25.4', '1.26rc1', '1.26.0', '1.26.8', '1.27rc1'],
].map(version);

describe('a version query', () => {
  test.each([
    ['1.24', '1.24.10'],
    ['1.24.x', '1.24.10'],
    ['~1.24.0', '1.24.10'],
    ['^1.24', '1.26.8'],
    ['1', '1.26.8'],
    ['1.x', '1.26.8'],
    ['*', '1.26.8'],
    ['>=1.22 <1.25', '1.24.10'],
    ['>=1.23.0 <1.25.0 || 1.20', '1.24.10'],
    ['1.20', '1.20.14'],
    ['1.20.0', '1.20'],
    ['1.25rc1', '1.25rc1'],
    ['1.25.0-rc.1', '1.25rc1'],
    ['1.27.0-rc.1', '1.27rc1'],
    ['>=1.27rc1', '1.27rc1'],
    ['go1.24.9', '1.24.9'],
    [' 1.24.9 ', '1.24.9'],
    ['stable', '1.26.8'],
    ['oldstable', '1.25.4'],
  ])('%s finds %s', (text, expected) => {
    const found = newestMatch(parseVersionQuery(text), published);
    expect(found && releaseName(found)).toBe(expected);
  });

  test.each(['', 'tip', '1.24.3 && id', '-1.24', '$(id)', '1.24\n::error::x', 'x'.repeat(1e5)])(
    'refuses %j and lists the valid forms',
    (text) => {
      expect(() => parseVersionQuery(text)).toThrow(InputError);
      expect(() => parseVersionQuery(text)).toThrow(/expected one of: 1\.24\.3/);
    },
  );
});

describe('resolving', () => {
  const listPublished = (): Promise<readonly GoVersion[]> => Promise.resolve(published);
  const unreachable = (): Promise<never> => Promise.reject(new Error('must not be asked'));
  const installed = ['1.24.3', '1.26.1'].map(version);

  test('an exact version asks nobody', async () => {
    const { version: found } = await resolveVersion(parseVersionQuery('1.99.1'), {
      installed,
      listPublished: unreachable,
      checkLatest: true,
    });
    expect(releaseName(found)).toBe('1.99.1');
  });

  test('a range takes what is installed', async () => {
    const query = parseVersionQuery('1.24');
    const options = { installed, listPublished: unreachable, checkLatest: false };
    expect(releaseName((await resolveVersion(query, options)).version)).toBe('1.24.3');
  });

  test('a range with check-latest takes the newest published', async () => {
    const query = parseVersionQuery('1.24');
    const options = { installed, listPublished, checkLatest: true };
    expect(releaseName((await resolveVersion(query, options)).version)).toBe('1.24.10');
  });

  test('stable is never answered from what happens to be installed', async () => {
    const options = { installed, listPublished, checkLatest: false };
    const { version: found } = await resolveVersion(parseVersionQuery('stable'), options);
    expect(releaseName(found)).toBe('1.26.8');
  });

  test('a range that nothing matches names the newest releases', async () => {
    const options = { installed, listPublished, checkLatest: false };
    await expect(resolveVersion(parseVersionQuery('^2'), options)).rejects.toThrow(
      'No published Go release matches ^2. The newest ones are 1.27rc1, 1.26.8',
    );
  });
});

describe('a version file', () => {
  test.each([
    ['go.mod', 'module m\n\ngo 1.24\n', '1.24'],
    ['go.mod', 'module m\r\n\r\ngo 1.24.2\r\n\r\ntoolchain go1.26.8\r\n', '1.26.8'],
    ['go.mod', 'module m\ngo 1.24 // not 1.25\n', '1.24'],
    ['go.mod', 'module m\ngo 1.26rc1\n', '1.26rc1'],
    ['go.mod', 'module m\ngo "1.24.1"\n', '1.24.1'],
    ['go.mod', 'module m\ngo 1.24\ntoolchain default\n', '1.24'],
    ['go.mod', 'module m\ngo 1.24\ntoolchain go1.24.3-acme.2\n', '1.24.3'],
    ['go.mod', 'module m\n// go 1.1\nrequire (\n\tgo 1.2\n)\ngo 1.24\n', '1.24'],
    ['go.mod', 'module m\nrequire(\ntoolchain go1.2.3\n)\ngo 1.24\n', '1.24'],
    ['sub/tools.mod', 'module m\ngo 1.24\n', '1.24'],
    ['go.work', 'go 1.25.1\n\nuse (\n\t./a\n\t./b\n)\n', '1.25.1'],
    ['.go-version', '1.24.3\n', '1.24.3'],
    ['.go-version', '\n# comment\ngo1.24.3\n', '1.24.3'],
    ['.go-version', '\uFEFF1.24\r\n', '1.24'],
    ['.tool-versions', 'nodejs 20\ngolang 1.24.3 1.23\n', '1.24.3'],
    ['.tool-versions', '#golang 1.1\ngo 1.24.3 # comment\n', '1.24.3'],
  ])('%s with %j asks for %s', (file, text, expected) => {
    expect(readVersionFile(file, text).query).toBe(expected);
  });

  test.each([
    ['go.mod', 'module m\n', 'has no go line'],
    ['go.mod', '', 'has no go line'],
    ['go.mod', 'toolchain go1.2.3;curl evil|sh\ngo 1.24\n', 'is no Go release'],
    ['go.mod', 'toolchain ../../../bin/sh\ngo 1.24\n', 'is no Go release'],
    ['go.mod', `go ${'9'.repeat(2_000_000)}\n`, 'larger than 1 MiB'],
    ['.tool-versions', 'nodejs 20\n', 'has no golang line'],
    ['.go-version', ' \n\n', 'is empty'],
  ])('%s that is hostile or useless is refused: %#', (file, text, message) => {
    expect(() => readVersionFile(file, text)).toThrow(message);
  });

  test('what it asks for is checked like the input', () => {
    const { query } = readVersionFile('go.mod', 'go 1.24$(id)\n');
    expect(() => parseVersionQuery(query)).toThrow(InputError);
  });

  test('a file of a megabyte of blanks and brackets is read at once', () => {
    const text = `${'require ( \t'.repeat(90_000)}\ngo 1.24\n`;
    expect(() => readVersionFile('go.mod', text)).toThrow('has no go line');
  });
});
