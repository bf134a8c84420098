import { describe, expect, test } from '@jest/globals';
import { readGoFlags, splitQuoted } from '../../src/index.ts';

describe('GOFLAGS', () => {
  test.each([
    ['', { ldflags: '', patternLdflags: [], tags: [], buildvcs: false }],
    ['-mod=vendor -buildvcs=false', { ldflags: '', patternLdflags: [], tags: [], buildvcs: true }],
    [
      '"-ldflags=-X main.a=b -w" --tags=one,two',
      { ldflags: '-X main.a=b -w', patternLdflags: [], tags: ['one', 'two'], buildvcs: false },
    ],
    ['-ldflags=-w -ldflags=-s', { ldflags: '-s', patternLdflags: [], tags: [], buildvcs: false }],
    [
      '"-ldflags=all=-X main.a=b" -ldflags=-w',
      {
        ldflags: '-w',
        patternLdflags: [{ pattern: 'all', flags: '-X main.a=b' }],
        tags: [],
        buildvcs: false,
      },
    ],
    ['-ldflagsx=-w', { ldflags: '', patternLdflags: [], tags: [], buildvcs: false }],
  ])('%j is read as cmd/go reads it', (text, expected) => {
    expect(readGoFlags(text)).toEqual(expected);
  });

  test('with a quote that does not end is refused', () => {
    expect(() => splitQuoted("-x 'a b", 'GOFLAGS')).toThrow(/GOFLAGS has a quote without its end/);
  });
});
