import { expect, test } from '@jest/globals';
import { formatTested, formatTestedClaim, parseTested, parseTestedClaim } from '../src/index.ts';

const tree = '1'.repeat(40);
const tests = `some-${'5'.repeat(32)}`;
const all = `all-${'0'.repeat(32)}`;
const base = { commit: '2'.repeat(64), tree: '3'.repeat(64) };
const runUrl = 'https://github.com/acme/shop/actions/runs/7';

test('what is handed from job to job arrives as it was', () => {
  for (const claim of [
    { tree, tests, all },
    { tree, tests: all, all, base },
  ])
    expect(parseTestedClaim(formatTestedClaim(claim))).toEqual(claim);
  expect(parseTested(formatTested({ tree, tests, runUrl }))).toEqual({ tree, tests, runUrl });
  expect(formatTested(undefined)).toBe('');
});

test.each([
  '',
  'null',
  '[]',
  '{',
  '"some"',
  JSON.stringify({ tree, tests }).replace(tree, '-x'),
  JSON.stringify({ tree, tests: 'all', all }),
  JSON.stringify({ tree, tests: [tests], all }),
  `{"__proto__":{"tree":"${tree}","tests":"${tests}","all":"${all}"}}`,
  JSON.stringify({ tree, tests: `${tests}\n`, all }),
  JSON.stringify({ tree: 'x'.repeat(3000), tests, all }),
])('%j tells of no tests', (text) => {
  expect(parseTestedClaim(text)).toBeUndefined();
  expect(parseTested(text)).toBeUndefined();
});

test.each([{ commit: 'main', tree }, { commit: tree }, 'main', null, []])(
  'a base %j makes a claim void',
  (given) => {
    const text = JSON.stringify({ tree, tests, all, base: given });
    expect(parseTestedClaim(text)).toBeUndefined();
  },
);

test('an address that is none is left out', () => {
  const text = JSON.stringify({ tree, tests, run: 'javascript:alert(1)' });
  expect(parseTested(text)).toEqual({ tree, tests, runUrl: '' });
});
