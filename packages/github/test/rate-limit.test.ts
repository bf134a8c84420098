import { expect, test } from '@jest/globals';
import { rateLimitWaitMs } from '../src/rate-limit.ts';

const nowMs = 1_800_000_000_000;
const resetIn = (seconds: number): string => String(nowMs / 1000 + seconds);

test.each([
  {
    what: 'Retry-After of a secondary limit',
    status: 403,
    headers: { 'retry-after': '30' },
    waitMs: 30_000,
  },
  {
    what: 'the time at which the limit begins anew',
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetIn(90) },
    waitMs: 90_000,
  },
  {
    what: 'a minute for a secondary limit that says no more',
    status: 403,
    headers: { 'x-ratelimit-remaining': '4000' },
    body: {
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes.',
      documentation_url: 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api',
    },
    waitMs: 60_000,
  },
  { what: 'a minute for a bare 429', status: 429, headers: {}, waitMs: 60_000 },
  {
    what: "the reset of GraphQL's limit, which answers 200",
    status: 200,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetIn(5) },
    body: { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] },
    waitMs: 5_000,
  },
  {
    what: 'nothing for a right that is missing',
    status: 403,
    headers: { 'x-ratelimit-remaining': '4000' },
    body: { message: 'Resource not accessible by integration' },
    waitMs: undefined,
  },
  {
    what: 'nothing for an answer that used up the limit',
    status: 200,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetIn(5) },
    waitMs: undefined,
  },
])('waits $what', ({ status, headers, body, waitMs }) => {
  const answer = { status, headers: new Headers(headers), body };
  expect(rateLimitWaitMs(answer, nowMs)).toBe(waitMs);
});
