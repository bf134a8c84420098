import { expect, test } from '@jest/globals';
import { isLoopback } from '../src/index.ts';

test.each([
  'localhost',
  'LOCALHOST.',
  'localhost:5000',
  '127.0.0.1',
  '127.1.2.3:5000',
  '::1',
  '[::1]',
  '[::1]:5000',
  'http://127.0.0.1:5000/v2/',
  'https://[::1]/',
  'oci://localhost:5000/charts',
  new URL('http://localhost/'),
])('%s is this machine', (place) => {
  expect(isLoopback(place)).toBe(true);
});

test.each([
  '',
  'ghcr.io',
  '127.0.0.1.evil.com',
  '127.0.0.1.evil.com:5000',
  'localhost.evil.com',
  'localhost:5000@evil.com',
  '127.evil.com',
  '10.0.0.1',
  '[::2]:5000',
  'http://localhost@evil.com/',
  'oci://evil.com/localhost',
  'http://',
])('%j is not', (place) => {
  expect(isLoopback(place)).toBe(false);
});
