import { expect, test } from '@jest/globals';
import { escapeSummary, quoted } from '../../src/index.ts';

test.each([
  ['api', '"api"'],
  ['a"b\n', '"a\\"b\\n"'],
  ['\u202Eipa', '"\\u202eipa"'],
  ['\u061c\u200f\u2066x', '"\\u061c\\u200f\\u2066x"'],
  ['a\u0085b\u2028', '"a\\u0085b\\u2028"'],
  ['\u{e0041}', '"\\udb40\\udc41"'],
  ['é界', '"é界"'],
])('%j is quoted as %s', (text, expected) => {
  expect(quoted(text)).toBe(expected);
});

test('a long text is cut', () => {
  expect(quoted('x'.repeat(100))).toBe(`"${'x'.repeat(79)}…"`);
});

test('a summary holds nothing that turns text around', () => {
  expect(escapeSummary('a\u061cb\u200ec\u200fd\u202Ee\u2069f')).toBe('abcdef');
});
