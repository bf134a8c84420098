import { describe, expect, test } from '@jest/globals';
import { readGoFlags, splitQuoted } from '../src/index.ts';

describe('GOFLAGS', () => {
  test.each([
    ['', { ldflags: '', tags: [], buildvcs: false }],
    ['-mod=vendor -buildvcs=false', { ldflags: '', tags: [], buildvcs: true }],
    [
      '"-ldflags=-X main.a=b -w" --tags=one,two',
      { ldflags: '-X main.a=b -w', tags: ['one', 'two'], buildvcs: false },
    ],
    ['-ldflags=-w -ldflags=-s', { ldflags: '-s', tags: [], buildvcs: false }],
    ['-ldflagsx=-w', { ldflags: '', tags: [], buildvcs: false }],
  ])('%j is read as cmd/go reads it', (text, expected) => {
    expect(readGoFlags(text)).toEqual(expected);
  });

  test('with a quote that does not end is refused', () => {
    expect(() => splitQuoted("-x 'a b", 'GOFLAGS')).toThrow(/GOFLAGS has a quote without its end/);
  });
});
