import { expect, test } from '@jest/globals';
import { readYaml, writeYaml } from '../src/index.ts';

const pieces = [
  ...[
    '0',
    '1',
    '7',
    '8',
    '9',
    'x',
    'X',
    'o',
    'O',
    'b',
    'B',
    'e',
    'E',
    '_',
    '.',
    '-',
    '+',
    ':',
    'a',
  ],
  ...[
    'f',
    'y',
    'n',
    'on',
    'yes',
    '~',
    'null',
    'inf',
    ' ',
    '#',
    '\n',
    '\t',
    '"',
    "'",
    '!',
    '&',
    '*',
  ],
  ...[
    '|',
    '>',
    '%',
    '@',
    '`',
    '{',
    '[',
    ',',
    '?',
    '=',
    '<<',
    '\u2028',
    '\u0085',
    '\ufeff',
    'é',
    '\\',
  ],
  ...['\r', '\u0001', '\u007f', '2001-12-14', 'true'],
];

test('every text comes back as it was, under either rules, as key and as value', () => {
  let state = 7;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  for (let round = 0; round < 2_000; round += 1) {
    const text = Array.from({ length: 1 + next(5) }, () => pieces[next(pieces.length)]).join('');
    const value = { [text]: [text, { [`k${text}`]: text }] };
    const yaml = writeYaml(value);
    expect([yaml, readYaml(yaml, { name: 'x', rules: 'helm' })]).toEqual([yaml, value]);
    expect([yaml, readYaml(yaml, { name: 'x', rules: 'strict' })]).toEqual([yaml, value]);
  }
});

test.each(['0B1', '0Xb', '0O7', '1_0', '0755', '1e3', 'on', 'y', '1:30', '2001-12-14', '~', '<<'])(
  '%s as a text is quoted',
  (text) => {
    expect(writeYaml({ text })).toBe(`text: '${text}'\n`);
  },
);

test('plain data keeps its form', () => {
  const value = { a: 'plain', n: 1.5, b: true, none: null, list: ['x', { y: 1 }] };
  expect(writeYaml(value)).toBe(
    "a: plain\n'n': 1.5\nb: true\nnone: null\nlist:\n  - x\n  - 'y': 1\n",
  );
});
