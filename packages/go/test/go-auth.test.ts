import { expect, test } from '@jest/globals';
import { asksAuthProgram } from '../src/index.ts';

test.each<[string | undefined, boolean]>([
  [undefined, false],
  ['', false],
  ['off', false],
  ['netrc', false],
  ['netrc; off', false],
  ['git /srv/checkout', true],
  ['netrc;login-helper --host example.com', true],
])('GOAUTH %j asks a program for credentials: %s', (value, asks) => {
  expect(asksAuthProgram({ GOAUTH: value })).toBe(asks);
});
