import { describe, expect, test } from '@jest/globals';
import { errorCodes, isTimeout, isTransient } from '../src/index.ts';

const coded = (code: string, cause?: unknown): Error =>
  Object.assign(new Error('something failed; please try again', { cause }), { code });
const fetchFailed = (cause: unknown): Error => new TypeError('fetch failed', { cause });

describe('an error of the network', () => {
  test.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'UND_ERR_SOCKET',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
    'HPE_INVALID_CONSTANT',
    'ERR_PROXY_TUNNEL',
  ])('%s may be gone in a moment', (code) => {
    expect(isTransient(fetchFailed(coded(code)))).toBe(true);
  });

  test.each([
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_INVALID_URL',
    'UND_ERR_INVALID_ARG',
    'ERR_PROXY_REFUSED',
    'ENOENT',
  ])('%s stays', (code) => {
    expect(isTransient(fetchFailed(coded(code)))).toBe(false);
  });

  test('is found among those that were gathered, as for a name with several addresses', () => {
    const both = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')], '');
    expect(errorCodes(fetchFailed(both))).toEqual(['ECONNREFUSED', 'ENETUNREACH']);
    expect(isTransient(fetchFailed(both))).toBe(true);
  });

  test('that hides a certificate behind a broken connection stays', () => {
    expect(isTransient(coded('ECONNRESET', coded('CERT_HAS_EXPIRED')))).toBe(false);
  });

  test('is a time limit too', () => {
    const limit = new DOMException('It took longer than 5 ms.', 'TimeoutError');
    expect([isTimeout(fetchFailed(limit)), isTransient(fetchFailed(limit))]).toEqual([true, true]);
  });

  test.each([
    ['an error of ours', new Error('timed out: connection reset, try again')],
    ['a cancellation', new DOMException('aborted', 'AbortError')],
    ['a text', 'ECONNREFUSED'],
    ['nothing', undefined],
  ])('is not %s, whatever its text says', (_what, error) => {
    expect([isTimeout(error), isTransient(error)]).toEqual([false, false]);
  });

  test('whose causes form a circle is read to an end', () => {
    const error = coded('ECONNRESET');
    error.cause = error;
    expect(isTransient(error)).toBe(true);
  });
});
