import { expect, test } from '@jest/globals';
import { count } from '../../src/index.ts';

test.each([
  [0, 'pod', undefined, '0 pods'],
  [1, 'pod', undefined, '1 pod'],
  [12, 'pod', undefined, '12 pods'],
  [1, 'entry', 'entries', '1 entry'],
  [2, 'entry', 'entries', '2 entries'],
] as const)('%d of %j (many: %j) is %j', (number, one, many, words) => {
  expect(count(number, one, many)).toBe(words);
});
