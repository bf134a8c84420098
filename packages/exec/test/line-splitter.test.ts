import { describe, expect, test } from '@jest/globals';
import { lineSplitter } from '../src/line-splitter.ts';

function split(...chunks: readonly (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.write(Buffer.from(chunk));
  splitter.end();
  return lines;
}

describe('lineSplitter', () => {
  test.each([
    [['a\nb\r\nc\rd'], ['a', 'b', 'c', 'd']],
    [
      ['a\r', '\nb'],
      ['a', 'b'],
    ],
    [
      ['a\r', 'b\n'],
      ['a', 'b'],
    ],
    [
      ['a\r', '\r\n', '\n'],
      ['a', '', ''],
    ],
    [
      ['a', 'b', '\n\nc\n'],
      ['ab', '', 'c'],
    ],
    [[], []],
  ])('cuts %j into %j', (chunks, lines) => {
    expect(split(...chunks)).toEqual(lines);
  });

  test('puts together a character that was cut in two', () => {
    const bytes = Buffer.from('größer\n');
    expect(split(bytes.subarray(0, 3), bytes.subarray(3))).toEqual(['größer']);
  });

  test('hands on a line without end in pieces', () => {
    const lines = split(...Array.from({ length: 20 }, () => 'x'.repeat(10_000)));
    expect(lines.map((line) => line.length)).toEqual([65_536, 65_536, 65_536, 3_392]);
  });
});
