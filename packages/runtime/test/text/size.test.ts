import { expect, test } from '@jest/globals';
import { formatSize, parseSize } from '../../src/index.ts';

test.each([
  ['1024', 1024],
  ['512MiB', 536_870_912],
  ['2 GB', 2e9],
  ['1.5kB', 1500],
  ['1kib', 1024],
])('reads %j as %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', '-1', 'B', '1 TB', '1e3', '1.2345kB', '9'.repeat(20)])('refuses %j', (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test('a size is shown in the unit that reads best', () => {
  expect([999, 999_949, 999_950, 999_950_000].map(formatSize)).toEqual([
    '999 B',
    '999.9 kB',
    '1.0 MB',
    '1.00 GB',
  ]);
});
